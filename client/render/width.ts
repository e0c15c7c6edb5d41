/** How many columns text takes in a terminal, and text made to fit into fewer. */
import { stripVTControlCharacters } from 'node:util'

/** East Asian wide characters (https://www.unicode.org/reports/tr11) and those that are drawn as pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const MARK = /\p{Mn}|\p{Me}|\p{Cf}/u
/** Colour, of which no part is shorter than three, and single characters. */
const PARTS = /\p{Cc}\[[\d;]*m|./gsu

/** Columns of the text; colour takes none. */
export function width(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  return [...stripVTControlCharacters(text)].reduce((sum, character) => sum + columnsOf(character), 0)
}

/** The text itself, or as much of its beginning as leaves room for `…`. Colour that it opens is closed again. */
export function cut(text: string, widest: number): string {
  if (width(text) <= widest) return text
  let room = widest - 1
  let full = room < 0
  const kept = (text.match(PARTS) ?? []).map((part) => {
    if (part.length > 2) return part
    if (full) return ''
    room -= columnsOf(part)
    full = room < 0
    return full ? '…' : part
  })
  return kept.join('')
}

/** The text with spaces behind it. */
export function pad(text: string, wanted: number): string {
  return text + ' '.repeat(Math.max(0, wanted - width(text)))
}

function columnsOf(character: string): number {
  if (MARK.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
