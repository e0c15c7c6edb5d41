import { AuthError } from '../../shared/errors.ts'
import type { Graph } from './node.ts'

/** The identity that a request without a name means: the one default. Else IdentityRequired with the candidates. */
export function chosenIdentity(graph: Graph, wanted: string | undefined): string {
  if (wanted !== undefined) return wanted
  const all = [...graph.identities.values()]
  const defaults = all.filter((identity) => identity.default)
  const only = defaults.length === 1 ? defaults[0] : undefined
  if (only) return only.name
  const candidates = (defaults.length > 1 ? defaults : all).map(({ name }) => name).sort()
  if (candidates.length === 0) {
    throw new AuthError('IdentityUnknown', 'The configuration has no identities.', {
      hint: 'Sign in to a provider with `atmosctl login --provider NAME`, or add one under auth.identities.',
    })
  }
  throw new AuthError(
    'IdentityRequired',
    defaults.length > 1
      ? `${defaults.length} identities are marked \`default: true\`.`
      : 'No identity was named, and none is marked `default: true`.',
    {
      hint: `Name one with -i: ${candidates.slice(0, 8).join(', ')}${candidates.length > 8 ? ', …' : ''}.`,
      details: { candidates },
    },
  )
}
