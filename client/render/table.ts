import { stripVTControlCharacters } from 'node:util'

/** Rows under headings. What would go beyond `widest` columns is cut off at the end of the last. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  widest = Number.POSITIVE_INFINITY,
): string {
  const lines = columns([headings, ...rows]).split('\n')
  return lines.map((line) => (width(line) > widest ? cut(line, widest) : line)).join('\n')
}

/** The last cell holds no colour, so that characters can be taken from its end. */
function cut(line: string, widest: number): string {
  return `${line.slice(0, line.length - (width(line) - widest) - 1)}…`
}

/** Rows in columns as wide as they need be. Cells may hold colour. */
export function columns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => width(row[column] ?? ''))),
  )
  const line = (row: readonly string[]) =>
    widths
      .map((wide, column) => pad(row[column] ?? '', wide))
      .join('  ')
      .trimEnd()
  return rows.map((row) => `${line(row)}\n`).join('')
}

/** Labels and values, one pair a line; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const shown = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined)
  const widest = Math.max(...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => `  ${label.padEnd(widest)}  ${value}\n`).join('')
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

function pad(text: string, wanted: number): string {
  return text + ' '.repeat(wanted - width(text))
}
