/** A selection as trees: identities below what they come from. */
import { printable } from '../../shared/printable.ts'
import type { ListedIdentity, ListedIntegration } from '../../shared/replies.ts'
import type { Look } from '../style.ts'
import { type Forest, forestOf, type Root } from './forest.ts'
import { dot, leftOf, lifeOf, painted } from './life.ts'
import { type Parent, viaName } from './lineage.ts'
import type { Selection } from './selection.ts'
import type { Shown } from './shown.ts'
import { cut } from './width.ts'

const [BRANCH, LINE, LAST, GAP] = ['├─ ', '│  ', '└─ ', '   ']
/** Columns that are taken for granted where there is no terminal. */
const WIDE = 240

type Remark = [Look, string]

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

/**
 * The lines of one tree. A stack of its own, since a chain may be longer than the engine's is deep; below a depth the
 * indent grows no more, so that names stay in view, and each says what it comes from.
 */
function treeOf(root: Root, { below }: Forest, shown: Shown): string[] {
  const lines: string[] = []
  const deepest = Math.floor((shown.columns ?? WIDE) / 2 / BRANCH.length)
  const waiting = [{ node: root.node, joint: '', indent: '', level: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, joint, indent, level } = next
    lines.push(`${joint}${headline(node, shown, remarkOf(node, root, level > deepest))}`)
    const children = below(node).map((child, index, all) => {
      const [branch, space] = index === all.length - 1 ? [LAST, GAP] : [BRANCH, LINE]
      const deeper = level < deepest ? `${indent}${space}` : indent
      return { node: child, joint: `${indent}${branch}`, indent: deeper, level: level + 1 }
    })
    for (const child of children.reverse()) waiting.push(child)
  }
  return lines
}

function remarkOf(node: Parent, { why, remark, node: root }: Root, deep: boolean): Remark | undefined {
  if (node === root && remark !== undefined) return [why === 'hidden' ? 'dim' : 'red', remark]
  return deep ? ['dim', `via ${viaName(node as ListedIdentity)}`] : undefined
}

/** Trees as the branches of what stands above them. */
function joined(branches: readonly string[][]): string[] {
  return branches.flatMap(([first = '', ...rest], index) => {
    const last = index === branches.length - 1
    return [`${last ? LAST : BRANCH}${first}`, ...rest.map((line) => `${last ? GAP : LINE}${line}`)]
  })
}

/** What changes stands before what is long, so that a narrow terminal cuts the right end. */
function headline(node: Parent, { paint, now }: Shown, remark: Remark | undefined): string {
  const life = lifeOf(node, now)
  const left = leftOf(node, now)
  const notes = [
    paint('dim', `(${printable(node.kind, 99)})`),
    node.default ? paint('cyan', '[default]') : '',
    'alias' in node && node.alias ? `[alias ${named(node.alias)}]` : '',
    remark ? paint(remark[0], named(remark[1])) : '',
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
