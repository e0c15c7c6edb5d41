/** Which integrations go with which identity. Pure. */
import { closest } from '../../shared/closest.ts'
import { AuthError } from '../../shared/errors.ts'
import { chosenIdentity } from './choice.ts'
import { type Graph, type IdentityNode, type IntegrationNode, lineOf, sameName } from './node.ts'

/** The integration of that name, in any case. NotFound. */
export function integrationNamed({ integrations }: Graph, wanted: string): IntegrationNode {
  const found =
    integrations.get(wanted) ?? [...integrations.values()].find(({ name }) => sameName(name, wanted))
  if (found) return found
  const close = closest(wanted, [...integrations.keys()])
  throw new AuthError('NotFound', `There is no integration "${wanted}".`, {
    hint: close ? `Did you mean "${close}"?` : 'See what there is with `atmosctl list`.',
  })
}

/** Those that can be applied to the session of an identity: its own, and those of the provider that it comes from. */
export function integrationsOf(graph: Graph, identity: IdentityNode): IntegrationNode[] {
  return [...graph.integrations.values()].filter(
    (node) => node.config !== undefined && node.kind.apply && goesWith(graph, node, identity),
  )
}

/** The identity whose session an integration is applied to, `wanted` being the one that was named, if any. */
export function identityFor(graph: Graph, node: IntegrationNode, wanted: string | undefined): string {
  const own = node.via?.identity
  if (own !== undefined && (wanted === undefined || sameName(own, wanted))) return own
  const chosen = chosenIdentity(graph, wanted)
  const identity = [...graph.identities.values()].find(
    ({ name, alias }) => sameName(name, chosen) || (alias !== undefined && sameName(alias, chosen)),
  )
  if (identity && goesWith(graph, node, identity)) return identity.name
  const needs = own === undefined ? `identities of "${node.via?.provider}"` : `"${own}"`
  throw new AuthError('BadRequest', `The integration "${node.name}" does not go with "${chosen}".`, {
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
