/** Lines of a text, with whatever ends them. Pure. */

export function newlineOf(text: string): '\n' | '\r\n' {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n'
}

/** Where the line of `at` begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

/** Where the line of the last character before `at` that is no white space ends, before its line break. */
export function lineEnd(text: string, at: number): number {
  const last = text.slice(0, at).trimEnd().length
  const broken = text.indexOf('\n', last)
  const end = broken < 0 ? text.length : broken
  return text[end - 1] === '\r' ? end - 1 : end
}

/** The text with more lines behind the one that ends at `end`. */
export function withLines(text: string, end: number, lines: string): string {
  return text.slice(0, end) + newlineOf(text) + lines + text.slice(end)
}

/** The text without whole lines, of which the first begins at `start` and the last ends at `end`. */
export function withoutLines(text: string, start: number, end: number): string {
  const [broken] = /^\r?\n/.exec(text.slice(end)) ?? []
  if (broken !== undefined) return text.slice(0, start) + text.slice(end + broken.length)
  return text.slice(0, start).replace(/\r?\n$/, '') + text.slice(end)
}
