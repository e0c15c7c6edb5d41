/** Which integrations go with which identity. Pure. */
import { AuthError } from '../../shared/errors.ts'
import { chosenIdentity } from './choice.ts'
import { identityNamed } from './lookup.ts'
import { type Graph, type IdentityNode, type IntegrationNode, lineOf, sameName } from './node.ts'

/** Those that can be applied to the session of an identity: its own, and those of the provider that it comes from. */
export function integrationsOf(graph: Graph, identity: IdentityNode): IntegrationNode[] {
  return [...graph.integrations.values()].filter(
    (node) => node.config !== undefined && node.kind.apply && goesWith(graph, node, identity),
  )
}

/** The identity whose session an integration is applied to, `wanted` being the one that was named, if any. IdentityUnknown, BadRequest. */
export function identityFor(graph: Graph, node: IntegrationNode, wanted: string | undefined): string {
  const own = node.via?.identity
  if (own !== undefined && (wanted === undefined || sameName(own, wanted))) return own
  const identity = identityNamed(graph, chosenIdentity(graph, wanted))
  if (goesWith(graph, node, identity)) return identity.name
  const needs = own === undefined ? `identities of "${node.via?.provider}"` : `"${own}"`
  throw new AuthError('BadRequest', `The integration "${node.name}" does not go with "${identity.name}".`, {
    hint: `It goes with ${needs}.`,
  })
}

/** Whether it is applied at every sign-in: all kinds have the field, and it is on unless it is off. */
export function isAutomatic({ config }: IntegrationNode): boolean {
  return (config as { spec?: { auto_provision?: boolean } }).spec?.auto_provision !== false
}

function goesWith(graph: Graph, { via, kind }: IntegrationNode, identity: IdentityNode): boolean {
  if (!kind.accepts.includes(identity.kind.yields)) return false
  if (via?.identity !== undefined) return via.identity === identity.name
  const [root] = lineOf(graph, identity)
  return root?.role === 'provider' && root.name === via?.provider
}
