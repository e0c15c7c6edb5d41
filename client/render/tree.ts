/** A selection as trees: identities below what they come from. */
import { printable } from '../../shared/printable.ts'
import type { ListedIntegration } from '../../shared/replies.ts'
import { type Forest, forestOf, type Root } from './forest.ts'
import { dot, leftOf, lifeOf, painted } from './life.ts'
import { type Parent, viaName } from './lineage.ts'
import type { Selection } from './selection.ts'
import type { Shown } from './shown.ts'
import { cut } from './width.ts'

/** Each provider's tree, then what comes from none of them, then the integrations. */
export function listingTree(selection: Selection, shown: Shown): string {
  const forest = forestOf(selection)
  const { integrations = [] } = selection
  const rooted = (whys: readonly Root['why'][]) => forest.roots.filter(({ why }) => whys.includes(why))
  const trees = rooted(['provider']).map((root) => treeOf(root, forest, shown))
  const hidden = rooted(['hidden']).flatMap((root) => treeOf(root, forest, shown))
  const loose = rooted(['alone', 'unknown', 'circle']).map((root) => treeOf(root, forest, shown))
  const group = (title: string, branches: string[][]) =>
    branches.length > 0 ? [[shown.paint('dim', title), ...joined(branches)]] : []
  return [
    ...trees,
    ...(hidden.length > 0 ? [hidden] : []),
    ...group('without a provider', loose),
    ...group(
      'integrations',
      integrations.map((node) => [integrationLine(node, shown)]),
    ),
  ]
    .map((lines) => lines.map((line) => `${cut(line, shown.columns ?? Number.POSITIVE_INFINITY)}\n`).join(''))
    .join('\n')
}

/** The lines of one tree. A stack of its own, since a chain may be longer than the engine's is deep. */
function treeOf(root: Root, { below }: Forest, shown: Shown): string[] {
  const lines: string[] = []
  const waiting = [{ node: root.node, joint: '', indent: '' }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, joint, indent } = next
    lines.push(`${joint}${headline(node, shown, node === root.node ? root : undefined)}`)
    const children = below(node).map((child, index, all) => {
      const last = index === all.length - 1
      return {
        node: child,
        joint: `${indent}${last ? '└─ ' : '├─ '}`,
        indent: `${indent}${last ? '   ' : '│  '}`,
      }
    })
    for (const child of children.reverse()) waiting.push(child)
  }
  return lines
}

/** Trees as the branches of what stands above them. */
function joined(branches: readonly string[][]): string[] {
  return branches.flatMap(([first = '', ...rest], index) => {
    const last = index === branches.length - 1
    return [`${last ? '└─ ' : '├─ '}${first}`, ...rest.map((line) => `${last ? '   ' : '│  '}${line}`)]
  })
}

/** What changes stands before what is long, so that a narrow terminal cuts the right end. */
function headline(node: Parent, { paint, now }: Shown, root: Root | undefined): string {
  const life = lifeOf(node, now)
  const left = leftOf(node, now)
  const notes = [
    paint('dim', `(${printable(node.kind, 99)})`),
    node.default ? paint('cyan', '[default]') : '',
    'alias' in node && node.alias ? `[alias ${named(node.alias)}]` : '',
    root?.remark ? paint(root.why === 'hidden' ? 'dim' : 'red', named(root.remark)) : '',
    left === undefined ? '' : painted(life, left, paint),
    'principal' in node && node.principal ? paint('dim', named(node.principal)) : '',
    node.tags?.length ? paint('dim', `[tags ${named(node.tags.join(', '))}]`) : '',
  ]
  return [dot(life, paint), paint('bold', named(node.name)), ...notes].filter((part) => part !== '').join(' ')
}

function integrationLine(node: ListedIntegration, { paint }: Shown): string {
  const via = viaName(node)
  const from = via === undefined ? '' : ` via ${named(via)}`
  return `${paint('bold', named(node.name))} ${paint('dim', `(${named(node.kind)})`)}${from}`
}

function named(text: string): string {
  return printable(text, Number.POSITIVE_INFINITY)
}
