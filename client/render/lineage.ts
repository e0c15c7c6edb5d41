/** Who comes from whom, as the configuration says it: sound or not. */
import type {
  ListedIdentity,
  ListedIntegration,
  ListedProvider,
  WorkspaceReply,
} from '../../shared/replies.ts'

export type Parent = ListedProvider | ListedIdentity
export type Child = ListedIdentity | ListedIntegration

/** A way from a node to what it comes from; undefined where that does not exist. Built once, asked often. */
export function parentsIn({ providers, identities }: Pick<WorkspaceReply, 'providers' | 'identities'>) {
  const known = {
    provider: new Map(providers.map((node) => [node.name, node])),
    identity: new Map(identities.map((node) => [node.name, node])),
  }
  return ({ via }: Child): Parent | undefined => {
    if (via === undefined) return undefined
    return 'provider' in via ? known.provider.get(via.provider) : known.identity.get(via.identity)
  }
}

export function viaName({ via }: Child): string | undefined {
  return via && ('provider' in via ? via.provider : via.identity)
}

/** What is said of a parent that does not exist. */
export function unknownParent({ via }: Child): string {
  if (via === undefined) return 'no parent'
  return 'provider' in via ? `unknown provider "${via.provider}"` : `unknown identity "${via.identity}"`
}

/**
 * One member of each circle, the first in order, with the way around: `a → b → a`.
 * Each node is walked over once.
 */
export function circlesIn(
  identities: readonly ListedIdentity[],
  parentOf: (child: Child) => Parent | undefined,
): Map<Parent, string> {
  const order = new Map<Parent, number>(identities.map((node, index) => [node, index]))
  const walked = new Set<Parent>()
  const found = new Map<Parent, string>()
  for (const start of identities) {
    const path = new Set<Parent>()
    let node: Parent | undefined = start
    while (node !== undefined && order.has(node) && !walked.has(node) && !path.has(node)) {
      path.add(node)
      node = parentOf(node as ListedIdentity)
    }
    if (node !== undefined && path.has(node)) {
      const [first, way] = around([...path], node, order)
      found.set(first, way)
    }
    for (const passed of path) walked.add(passed)
  }
  return found
}

function around(path: Parent[], again: Parent, order: ReadonlyMap<Parent, number>): [Parent, string] {
  const members = path.slice(path.indexOf(again))
  const rank = (node: Parent) => order.get(node) ?? 0
  const first = members.reduce((one, other) => (rank(other) < rank(one) ? other : one))
  const at = members.indexOf(first)
  const way = [...members.slice(at), ...members.slice(0, at), first]
  return [first, way.map(({ name }) => name).join(' → ')]
}
