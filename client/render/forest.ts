/** Providers and identities as trees: every node once, whatever the configuration says of its parent. */
import type { ListedIdentity } from '../../shared/replies.ts'
import { circlesIn, type Parent, parentsIn, unknownParent, viaName } from './lineage.ts'
import type { Selection } from './selection.ts'

/** A node that is below no other here, and what keeps it from being there. */
export interface Root {
  node: Parent
  why: 'provider' | 'alone' | 'hidden' | 'unknown' | 'circle'
  remark?: string
}

export interface Forest {
  /** In the configuration's order: providers, then the rest. */
  roots: Root[]
  below(node: Parent): readonly ListedIdentity[]
}

/** The trees of a selection. What comes from a node that is not selected begins a tree of its own. */
export function forestOf({ whole, providers = [], identities = [] }: Selection): Forest {
  const parentOf = parentsIn(whole)
  const shown = new Set<Parent>([...providers, ...identities])
  const shownParent = (child: ListedIdentity) => {
    const parent = parentOf(child)
    return parent && shown.has(parent) ? parent : undefined
  }
  const circles = circlesIn(identities, (child) => shownParent(child as ListedIdentity))
  const children = new Map<Parent, ListedIdentity[]>()
  const roots: Root[] = providers.map((node) => ({ node, why: 'provider' }))
  for (const node of identities) {
    const circle = circles.get(node)
    const parent = shownParent(node)
    if (circle !== undefined) roots.push({ node, why: 'circle', remark: `circle: ${circle}` })
    else if (parent === undefined) roots.push(rootOf(node, parentOf(node)))
    else if (children.has(parent)) children.get(parent)?.push(node)
    else children.set(parent, [node])
  }
  return { roots, below: (node) => children.get(node) ?? [] }
}

function rootOf(node: ListedIdentity, parent: Parent | undefined): Root {
  if (parent) return { node, why: 'hidden', remark: `via ${viaName(node)}` }
  if (node.via === undefined) return { node, why: 'alone' }
  return { node, why: 'unknown', remark: unknownParent(node) }
}
