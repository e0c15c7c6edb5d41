import type { Chain } from '../graph/chain.ts'
import type { Account, KeptAccounts } from '../kinds/contract.ts'
import type { Clock } from '../system/clock.ts'
import type { Lists } from './lists.ts'

/** So long an account that a kind asked for itself is taken to have the same name. */
const KEPT_MS = 24 * 3_600_000

/** The accounts of a chain's portal: of the kept list, else what a kind found out by itself, in memory alone. */
export function keptAccounts(lists: Lists, clock: Clock): (chain: Chain) => KeptAccounts {
  const asked = new Map<string, { accounts: readonly Account[]; at: number }>()
  return (chain) => {
    const place = `${chain.realm}/${chain.steps[0]?.key}`
    return {
      async get() {
        const own = asked.get(place)
        if (own && clock.now() - own.at < KEPT_MS) return own.accounts
        return (await lists.peek(chain).catch(() => undefined))?.accounts
      },
      keep: (accounts) => void asked.set(place, { accounts, at: clock.now() }),
    }
  }
}
