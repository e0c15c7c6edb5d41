import { closest } from '../shared/closest.ts'

/** A hint for a word that is none of those known: the one that was meant, or where they are listed. */
export function mistyped(word: string, known: readonly string[], before = 'atmosctl '): string {
  const close = closest(word, known)
  return close ? `Did you mean \`${before}${close}\`?` : 'See `atmosctl --help`.'
}
