/** One line of at most `longest` characters with no control characters: safe for a terminal and a log. */
export function printable(text: string, longest: number): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, longest)
}
