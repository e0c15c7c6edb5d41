/**
 * A kubeconfig as text whose lists are changed with every other byte as it was. Pure. What comes out is read again, and
 * refused where anything else changed with it, as behind an anchor.
 */
import { isDeepStrictEqual } from 'node:util'
import { isScalar } from 'yaml'
import { AuthError } from '../../shared/errors.ts'
import * as block from './block.ts'
import * as flow from './flow.ts'
import { lineEnd, lineStart, newlineOf, withoutLines } from './lines.ts'
import { withList, withPair, withValue } from './members.ts'
import { type Entry, type Kubeconfig, listIn, type Member, pairIn, read, type Section } from './tree.ts'

/** What every kubeconfig begins with. */
const START = ['apiVersion: v1', 'kind: Config']

/** The text as a value, empty for nothing. ConfigInvalid for what is no kubeconfig. */
export function kubeconfigOf(text: string): Kubeconfig {
  return read(text).value
}

/** Puts an entry in the place of the one of its name, or at the end of its list. */
export function withEntry(text: string, section: Section, entry: Entry): string {
  const { root, value } = read(text)
  if (!root) return withEntry(started(text), section, entry)
  const list = value[section] ?? []
  const index = list.findIndex(({ name }) => name === entry.name)
  if (index >= 0 && isDeepStrictEqual(list[index], entry)) return text
  const node = listIn(root, section)
  const style = node?.flow ? flow : block
  const expected = index < 0 ? [...list, entry] : list.with(index, entry)
  if (node && index >= 0)
    return same(style.withItemAt(text, node, index, entry), { ...value, [section]: expected })
  const after = node?.items.length ? style.withItem(text, node, entry) : withList(text, root, section, entry)
  return same(after, { ...value, [section]: expected })
}

/** Takes out the entry of that name; a list without entries stays behind. */
export function withoutEntry(text: string, section: Section, name: string): string {
  const { root, value } = read(text)
  const list = value[section] ?? []
  const index = list.findIndex((entry) => entry.name === name)
  const node = root && listIn(root, section)
  if (index < 0 || !node) return text
  const without = (node.flow ? flow : block).withoutItem(text, node, index)
  const behindKey = (pairIn(root, section)?.key.range[1] ?? 0) + 1
  const emptied = list.length === 1 && !node.flow
  const after = emptied ? `${without.slice(0, behindKey)} []${without.slice(behindKey)}` : without
  return same(after, { ...value, [section]: list.toSpliced(index, 1) })
}

/** Makes a context the one that kubectl uses; with an empty name, none. */
export function withCurrent(text: string, name: string): string {
  const { root, value } = read(text)
  if (!root) return withCurrent(started(text), name)
  const pair = pairIn(root, 'current-context')
  const after = pair
    ? withValue(text, pair, JSON.stringify(name))
    : withPair(text, root, 'current-context', ` ${root.flow ? JSON.stringify(name) : block.wordOf(name)}`)
  return same(after, { ...value, 'current-context': name })
}

/** Takes away which context is used: the whole line where it was added, which is then the last, and without quotes. */
export function withoutCurrent(text: string): string {
  const { root, value } = read(text)
  const pair = root && pairIn(root, 'current-context')
  if (!pair || root.flow || root.items.at(-1) !== pair || isQuoted(pair)) return withCurrent(text, '')
  const { 'current-context': _, ...others } = value
  const start = lineStart(text, pair.key.range[0])
  return same(withoutLines(text, start, lineEnd(text, block.endOf(pair))), others)
}

/** The text, once it is sure that it means what it should. */
function same(text: string, expected: Kubeconfig): string {
  if (isDeepStrictEqual(read(text).value, expected)) return text
  throw new AuthError('ConfigInvalid', 'The kubeconfig is written in a way that atmosctl cannot change.', {
    hint: 'Name another file in KUBECONFIG, or take anchors and documents apart.',
  })
}

function started(text: string): string {
  const newline = newlineOf(text)
  const gap = text === '' || text.endsWith('\n') ? '' : newline
  return `${text}${gap}${START.join(newline)}${newline}`
}

function isQuoted({ value }: Member): boolean {
  return isScalar(value) && value.type !== 'PLAIN'
}
