/** Entries of lists that are written one item after the other, each behind a dash. Pure. */
import { type CST, isCollection, isPair, stringify, type YAMLSeq } from 'yaml'
import { lineEnd, lineStart, newlineOf, withLines, withoutLines } from './lines.ts'

/** An entry as an item. Quoted as YAML 1.1 needs it, which kubectl reads. */
export function itemText(text: string, entry: object, indent: number): string {
  const lines = stringify([entry], { lineWidth: 0, version: '1.1' }).trimEnd().split('\n')
  return lines.map((line) => ' '.repeat(indent) + line).join(newlineOf(text))
}

/** A word as a value, in quotes where it needs them. */
export function wordOf(word: string): string {
  return stringify(word, { lineWidth: 0, version: '1.1' }).trimEnd()
}

/** Column of the dashes. */
export function indentOf(text: string, list: YAMLSeq.Parsed): number {
  const dash = dashOf(list, 0)
  return dash - lineStart(text, dash)
}

export function withItem(text: string, list: YAMLSeq.Parsed, entry: object): string {
  const end = lineEnd(text, endOf(list.items.at(-1)))
  return withLines(text, end, itemText(text, entry, indentOf(text, list)))
}

export function withItemAt(text: string, list: YAMLSeq.Parsed, index: number, entry: object): string {
  const [start, end] = linesOf(text, list, index)
  return text.slice(0, start) + itemText(text, entry, indentOf(text, list)) + text.slice(end)
}

export function withoutItem(text: string, list: YAMLSeq.Parsed, index: number): string {
  return withoutLines(text, ...linesOf(text, list, index))
}

function linesOf(text: string, list: YAMLSeq.Parsed, index: number): [start: number, end: number] {
  return [lineStart(text, dashOf(list, index)), lineEnd(text, endOf(list.items[index]))]
}

function dashOf({ srcToken, range }: YAMLSeq.Parsed, index: number): number {
  const tokens = (srcToken as CST.BlockSequence).items[index]?.start
  return tokens?.find(({ type }) => type === 'seq-item-ind')?.offset ?? range[0]
}

/** Where the last word of a node ends. A collection itself says where the comments behind it end. */
export function endOf(node: unknown): number {
  if (isPair(node)) return endOf(node.value) || endOf(node.key)
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1))
  return (node as { range?: [number, number, number] } | null)?.range?.[1] ?? 0
}
