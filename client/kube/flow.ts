/** Entries of lists that are written in brackets, as in JSON. Pure. */
import type { YAMLSeq } from 'yaml'

export function withItem(text: string, { items, range }: YAMLSeq.Parsed, entry: object): string {
  const last = items.at(-1)?.range[1]
  const at = last ?? range[0] + 1
  return `${text.slice(0, at)}${last === undefined ? '' : ', '}${JSON.stringify(entry)}${text.slice(at)}`
}

export function withItemAt(text: string, { items }: YAMLSeq.Parsed, index: number, entry: object): string {
  const range = items[index]?.range
  return range ? text.slice(0, range[0]) + JSON.stringify(entry) + text.slice(range[1]) : text
}

/** Without the comma that held it, too. */
export function withoutItem(text: string, { items }: YAMLSeq.Parsed, index: number): string {
  const [here, next, previous] = [items[index], items[index + 1], items[index - 1]].map((item) => item?.range)
  if (!here) return text
  if (next) return text.slice(0, here[0]) + text.slice(next[0])
  return text.slice(0, previous ? previous[1] : here[0]) + text.slice(here[1])
}
