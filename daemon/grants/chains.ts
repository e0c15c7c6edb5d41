import { asAuthError, type FailureCode } from '../../shared/errors.ts'
import type { Chain } from '../graph/chain.ts'
import type { Clock } from '../system/clock.ts'
import type { Grant } from './grant.ts'

/** After so long the configuration behind a grant is looked at again, behind the caller's back. */
const LOOK_AGAIN_MS = 5_000

/** Of grants, or of what else outlives the request that made it. */
export interface ChainsOfGrants<G extends { id: string } = Grant> {
  /** The chain of a grant. EnvironmentMissing, ConfigInvalid and the like where it has none. */
  of(grant: G): Promise<Chain>
  /** The chain where it is known already. */
  known(grant: G): Chain | undefined
  learn(id: string, chain: Chain): void
  forget(id: string): void
}

/**
 * Which chain each grant stands for. A configuration that has become faulty changes nothing for running tools; one
 * from which the identity was taken out ends their access.
 */
export function chainsOfGrants<G extends { id: string } = Grant>(
  resolve: (grant: G) => Promise<Chain>,
  clock: Clock,
): ChainsOfGrants<G> {
  const chains = new Map<string, { chain: Chain; lookedAt: number }>()
  const learn = (id: string, chain: Chain) => void chains.set(id, { chain, lookedAt: clock.monotonic() })

  async function look(grant: G): Promise<Chain> {
    const chain = await resolve(grant)
    learn(grant.id, chain)
    return chain
  }

  function known(grant: G): Chain | undefined {
    const entry = chains.get(grant.id)
    if (entry && clock.monotonic() - entry.lookedAt > LOOK_AGAIN_MS) {
      entry.lookedAt = clock.monotonic()
      look(grant).catch((error) => {
        if (isGone(asAuthError(error).code)) chains.delete(grant.id)
      })
    }
    return entry?.chain
  }

  return {
    learn,
    known,
    of: async (grant) => known(grant) ?? look(grant),
    forget: (id) => void chains.delete(id),
  }
}

/** The configuration no longer has the identity, or the integration. */
function isGone(code: FailureCode): boolean {
  return code === 'IdentityUnknown' || code === 'NotFound'
}
