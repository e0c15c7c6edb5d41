import { asAuthError } from '../../shared/errors.ts'
import type { Chain } from '../graph/chain.ts'
import type { Clock } from '../system/clock.ts'
import type { Grant } from './grant.ts'

/** After so long the configuration behind a grant is looked at again, behind the caller's back. */
const LOOK_AGAIN_MS = 5_000

/**
 * The chain of a grant. A configuration that has become faulty changes nothing for running tools; one from which
 * the identity was taken out ends their access.
 */
export function chainsOfGrants(
  resolve: (grant: Grant) => Promise<Chain>,
  clock: Clock,
): { of(grant: Grant): Promise<Chain>; known(id: string, chain: Chain): void; forget(id: string): void } {
  const chains = new Map<string, { chain: Chain; lookedAt: number }>()
  const known = (id: string, chain: Chain) => void chains.set(id, { chain, lookedAt: clock.monotonic() })

  async function look(grant: Grant): Promise<Chain> {
    const chain = await resolve(grant)
    known(grant.id, chain)
    return chain
  }

  return {
    known,
    forget: (id) => void chains.delete(id),
    async of(grant) {
      const entry = chains.get(grant.id)
      if (!entry) return look(grant)
      if (clock.monotonic() - entry.lookedAt > LOOK_AGAIN_MS) {
        entry.lookedAt = clock.monotonic()
        look(grant).catch((error) => {
          if (asAuthError(error).code === 'IdentityUnknown') chains.delete(grant.id)
        })
      }
      return entry.chain
    },
  }
}
