/** Which chains are in use: the refresher keeps those fresh and lets the others go. */
import { type Chain, lastStep } from '../graph/chain.ts'
import { lifetime, type Session } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'

export interface Uses {
  touch(chain: Chain): void
  /** Whether anybody asked for the session within its life so far or a whole life before. */
  isUsed(session: Session): boolean
  chainOf(key: string): Chain | undefined
  chains(): Chain[]
  keys(): string[]
  /** When a key was asked for last; minus infinity where nobody did. */
  lastAt(key: string): number
  forget(key: string): void
}

export function trackUses(clock: Clock): Uses {
  const uses = new Map<string, { chain: Chain; lastAt: number }>()
  return {
    touch(chain) {
      const { key } = lastStep(chain)
      const use = uses.get(key)
      if (use) use.lastAt = clock.now()
      if (use?.chain !== chain) uses.set(key, { chain, lastAt: clock.now() })
    },
    isUsed(session) {
      const use = uses.get(session.key)
      return use !== undefined && use.lastAt >= session.issuedAt - lifetime(session)
    },
    chainOf: (key) => uses.get(key)?.chain,
    chains: () => [...uses.values()].map(({ chain }) => chain),
    keys: () => [...uses.keys()],
    lastAt: (key) => uses.get(key)?.lastAt ?? Number.NEGATIVE_INFINITY,
    forget: (key) => void uses.delete(key),
  }
}
