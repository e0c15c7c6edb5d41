/** Members of a kubeconfig's root in its text: lists that begin, values that change. Pure. */
import * as block from './block.ts'
import { lineEnd, lineStart, newlineOf, withLines } from './lines.ts'
import { type Entry, listsIn, type Member, pairIn, type Root, type Section } from './tree.ts'

/** The first entry of a list that is empty or not there. */
export function withList(text: string, root: Root, section: Section, entry: Entry): string {
  const usual = listsIn(root).find((list) => !list.flow)
  const indent = usual ? block.indentOf(text, usual) : columnOf(text, root)
  const value = root.flow
    ? ` [${JSON.stringify(entry)}]`
    : newlineOf(text) + block.itemText(text, entry, indent)
  const pair = pairIn(root, section)
  if (!pair) return withPair(text, root, section, value)
  if (root.flow) return withValue(text, pair, value.trimStart())
  const colon = behindColon(text, pair)
  const bare = text.slice(0, colon) + text.slice(pair.value?.range?.[1] ?? colon)
  const line = lineEnd(bare, colon)
  return bare.slice(0, line).trimEnd() + value + bare.slice(line)
}

/** The text with another value of a member. */
export function withValue(text: string, pair: Member, now: string): string {
  const colon = behindColon(text, pair)
  const [start, end] = pair.value?.range ?? [colon, colon]
  return `${text.slice(0, start)}${start === colon && now ? ' ' : ''}${now}${text.slice(end)}`
}

/** The text with one more member at the end. `value` begins behind the colon. */
export function withPair(text: string, root: Root, key: string, value: string): string {
  const last = root.items.at(-1)
  if (!root.flow) {
    return withLines(
      text,
      lineEnd(text, block.endOf(last)),
      `${' '.repeat(columnOf(text, root))}${key}:${value}`,
    )
  }
  const at = last ? block.endOf(last) : root.range[0] + 1
  return `${text.slice(0, at)}${last ? ', ' : ''}${JSON.stringify(key)}:${value}${text.slice(at)}`
}

function behindColon(text: string, { key }: Member): number {
  return key.range[1] + (/^\s*:/.exec(text.slice(key.range[1]))?.[0].length ?? 0)
}

function columnOf(text: string, { range: [start] }: Root): number {
  return start - lineStart(text, start)
}
