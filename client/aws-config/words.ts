/** A command as one line that a POSIX shell, Python's shlex without a shell, and parsers of AWS's files all read alike. */

/** Characters that are themselves everywhere. */
const PLAIN = /^[\w@%+=:,./-]+$/

/**
 * One word of a line. Parsers of AWS's files end a value at a `#` or `;` after a space, quotes or not, so that these
 * stand outside of quotes, after a backslash, as the quote itself has to.
 */
export function word(text: string): string {
  if (PLAIN.test(text)) return text
  const parts = text.split(/(['#;])/).filter((part) => part !== '')
  return parts.map((part) => (/^['#;]$/.test(part) ? `\\${part}` : quoted(part))).join('') || "''"
}

function quoted(part: string): string {
  return PLAIN.test(part) ? part : `'${part}'`
}

/** Whether a line of a file can hold the text at all. */
export function fitsLine(text: string): boolean {
  return !/\p{Cc}/u.test(text)
}
