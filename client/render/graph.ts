/** A selection as nodes and edges: what the drawing languages have in common. */
import { printable } from '../../shared/printable.ts'
import { type Life, leftOf, lifeOf } from './life.ts'
import { type Child, type Parent, parentsIn, unknownParent, viaName } from './lineage.ts'
import type { Selection } from './selection.ts'

export type Role = 'provider' | 'identity' | 'integration' | 'missing'

export interface GraphNode {
  /** A letter and a number: unique and plain, whatever the name is. */
  id: string
  role: Role
  life: Life
  default: boolean
  lines: string[]
}

export interface GraphEdge {
  from: string
  to: string
  /** An integration is no link of a chain. */
  loose: boolean
}

export interface Graph {
  nodes: GraphNode[]
  edges: GraphEdge[]
}

/** Parents that do not exist become nodes as well; those that are not selected leave no edge. */
export function graphOf(selection: Selection, now: number): Graph {
  const { whole, providers = [], identities = [], integrations = [] } = selection
  const ids = new Map<Parent, string>()
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  for (const [index, node] of providers.entries()) nodes.push(live(`p${index}`, 'provider', node))
  for (const [index, node] of identities.entries()) nodes.push(live(`i${index}`, 'identity', node))
  const parentOf = parentsIn(whole)
  const missing = new Map<string, string>()
  for (const [index, node] of identities.entries()) link(node, `i${index}`, false)
  for (const [index, node] of integrations.entries()) {
    nodes.push(still(`t${index}`, 'integration', [node.name, node.kind]))
    link(node, `t${index}`, true)
  }
  return { nodes, edges }

  function live(id: string, role: Role, node: Parent): GraphNode {
    ids.set(node, id)
    const words = [node.name, node.kind, node.default ? 'default' : undefined, leftOf(node, now)]
    const lines = words.filter((word) => word !== undefined).map(plain)
    return { id, role, life: lifeOf(node, now), default: node.default ?? false, lines }
  }

  function link(child: Child, to: string, loose: boolean): void {
    if (viaName(child) === undefined) return
    const parent = parentOf(child)
    const from = parent ? ids.get(parent) : missingNode(child)
    if (from !== undefined) edges.push({ from, to, loose })
  }

  function missingNode(child: Child): string {
    const text = unknownParent(child)
    const id = missing.get(text) ?? `m${missing.size}`
    if (!missing.has(text)) nodes.push(still(id, 'missing', [text]))
    missing.set(text, id)
    return id
  }
}

function still(id: string, role: Role, lines: string[]): GraphNode {
  return { id, role, life: 'none', default: false, lines: lines.map(plain) }
}

function plain(text: string): string {
  return printable(text, Number.POSITIVE_INFINITY)
}
