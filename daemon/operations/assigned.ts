/** What was made for an identity that a portal provides, such as a grant, holds to account and role and not to the name. */
import { AuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import type { Graph, IdentityNode } from '../graph/node.ts'

type Assigned = Pick<Grant, 'identity' | 'assigned'>

/** What a grant has to remember of an identity that nothing is written about. */
export function assignmentOf({ assigned, via }: IdentityNode): Grant['assigned'] {
  return assigned && { ...assigned, provider: via?.provider ?? '' }
}

/**
 * The name that the identity of a grant or of a registry has now. A renamed account is followed, so that nobody else's account is met
 * under the old name; what is written by hand under the name counts more. IdentityUnknown where it is gone.
 */
export function identityOf(graph: Graph, { identity, assigned }: Assigned): string {
  const named = graph.identities.get(identity)
  if (!assigned || (named && !named.assigned)) return identity
  const isMeant = (node: IdentityNode) =>
    node.via?.provider === assigned.provider &&
    node.assigned?.accountId === assigned.accountId &&
    node.assigned.role === assigned.role
  if (named && isMeant(named)) return identity
  const moved = [...graph.identities.values()].find(isMeant)
  if (moved) return moved.name
  if (graph.withheld) throw graph.withheld
  throw new AuthError('IdentityUnknown', `"${assigned.provider}" no longer provides "${identity}" to you.`, {
    hint: `See what it provides with \`atmosctl list\`; \`atmosctl login --provider ${assigned.provider}\` asks it again.`,
  })
}
