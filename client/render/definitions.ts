import { wrap } from './wrap.ts'

/** A term wider than this has its meaning on the line below. */
const WIDEST_TERM = 30

/** Terms, each with its meaning beside it, in lines of at most `width` characters. */
export function definitions(
  rows: readonly (readonly [term: string, meaning: string])[],
  width: number,
): string {
  const fitting = rows.map(([term]) => term.length).filter((length) => length <= WIDEST_TERM)
  const column = Math.max(0, ...fitting) + 4
  const indent = ' '.repeat(column)
  return rows
    .flatMap(([term, meaning]) => {
      const [first = '', ...rest] = wrap(meaning, width - column).map((line) => `${indent}${line}`)
      const begin = `  ${term}`
      return begin.length + 2 > column
        ? [begin, first, ...rest]
        : [`${begin.padEnd(column)}${first.slice(column)}`.trimEnd(), ...rest]
    })
    .map((line) => `${line}\n`)
    .join('')
}
