/** Words of bash as they are typed: what they mean, and how a name is written (bash manual, 3.1.2 Quoting). Pure. */

export interface Typed {
  text: string
  /** The quote that is still open at the end. */
  open: '' | "'" | '"'
}

/** What a word means, though its end may still be missing. */
export function unquoted(word: string): Typed {
  let text = ''
  let open: Typed['open'] = ''
  for (let index = 0; index < word.length; index++) {
    const letter = word[index] ?? ''
    const next = word[index + 1] ?? ''
    if (letter === open) open = ''
    else if (open === '' && (letter === "'" || letter === '"')) open = letter
    else if (letter === '\\' && open !== "'" && (open === '' || '$`"\\'.includes(next))) {
      text += next
      index += 1
    } else text += letter
  }
  return { text, open }
}

/** A name as it is typed after what is there already: in the quote that is open, else with backslashes. */
export function quoted(name: string, open: Typed['open']): string {
  if (open === '') return name.replace(/[^\p{L}\p{N}_@%+=:,./-]/gu, '\\$&')
  const inside = open === "'" ? name.replaceAll("'", `'\\''`) : name.replace(/[$`"\\]/g, '\\$&')
  // readline takes a quote at the end for the closing one, which it otherwise adds itself.
  return inside.endsWith(open) ? `${inside}${open}` : inside
}
