/** The line of a file that a problem is about, with a caret below its place. */
import type { Paint } from '../style.ts'
import { cut, width } from './width.ts'

/** The value behind a key that names a secret, if need be misspelt; one with a tag such as `!env`, or a collection, holds none itself. */
const SECRET =
  /((?:secret|pass|token|private_key|access_key(?!_id))[\w-]*["']?\s*:\s+)("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s"'!{[&*|>#,}\]][^,}\]]*)/gi

/** Columns without which a line says nothing. */
const NARROWEST = 20

/** A line that may be shown to others, for instance in the log of a build: no secret, as long as before. */
export function withoutSecrets(source: string): string {
  return source.replace(SECRET, (_, key: string, value: string) => key + '*'.repeat(value.length))
}

/** Two lines within `columns`: the source, or what is around its `column` (UTF-16, from 1), and the caret. */
export function excerpt(
  { source, line, column }: { source: string; line: number; column: number },
  columns: number,
  paint: Paint,
): string {
  const gutter = `  ${line} │ `
  const [before, after] = windowed(
    withoutSecrets(source),
    column - 1,
    Math.max(NARROWEST, columns - width(gutter)),
  )
  const margin = `  ${' '.repeat(String(line).length)} │ `
  const caret = `${' '.repeat(width(before))}${paint('red', '^')}`
  return `${paint('dim', gutter)}${before}${after}\n${paint('dim', margin)}${caret}\n`
}

/** What stands before the place and after it, with as much on the left as leaves the place in view. */
function windowed(source: string, at: number, room: number): [string, string] {
  const visible = (text: string) => text.replace(/\p{Cc}/gu, ' ')
  const before = [...visible(source.slice(0, at))]
  const after = visible(source.slice(at))
  const most = Math.max(1, Math.floor(room * 0.6))
  if (width(before.join('') + after) <= room) return [before.join(''), after.trimEnd()]
  let wide = width(before.join(''))
  if (wide > most) {
    while (wide > most - 1) wide -= width(before.shift() ?? ' ')
    before.unshift('…')
  }
  const left = before.join('')
  return [left, cut(after.trimEnd(), room - width(left))]
}
