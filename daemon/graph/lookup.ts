/** Nodes by the names that people give. Pure. */
import { closest } from '../../shared/closest.ts'
import { AuthError } from '../../shared/errors.ts'
import {
  type Graph,
  type IdentityNode,
  type IntegrationNode,
  named,
  type ProviderNode,
  sameName,
} from './node.ts'

/** The provider of that name. ProviderUnknown. */
export function providerNamed({ providers }: Graph, wanted: string): ProviderNode {
  const found = named(providers, wanted)
  if (found) return found
  throw new AuthError('ProviderUnknown', `There is no provider "${wanted}".`, suggestion(wanted, providers))
}

/** The identity of that name or alias. IdentityUnknown, or why a portal's identities could not be looked up. */
export function identityNamed(graph: Graph, wanted: string): IdentityNode {
  const { identities } = graph
  const found =
    named(identities, wanted) ??
    [...identities.values()].find(({ alias }) => alias !== undefined && sameName(alias, wanted))
  if (found) return found
  if (graph.withheld) throw graph.withheld
  const { hint } = suggestion(wanted, identities)
  const portal = graph.isProvisioned ? ' A portal may provide it after `atmosctl login --provider NAME`.' : ''
  throw new AuthError('IdentityUnknown', `There is no identity "${wanted}".`, { hint: hint + portal })
}

/** The integration of that name. NotFound. */
export function integrationNamed({ integrations }: Graph, wanted: string): IntegrationNode {
  const found = named(integrations, wanted)
  if (found) return found
  throw new AuthError('NotFound', `There is no integration "${wanted}".`, suggestion(wanted, integrations))
}

function suggestion(wanted: string, known: ReadonlyMap<string, unknown>): { hint: string } {
  const close = closest(wanted, [...known.keys()])
  return { hint: close ? `Did you mean "${close}"?` : 'See what there is with `atmosctl list`.' }
}
