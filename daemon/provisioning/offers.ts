/** The identities that a list of assignments offers to one configuration. Pure. */
import type { Selecting } from '../kinds/contract.ts'
import { labelsOf } from './labels.ts'
import type { AssignedAccount } from './listing.ts'
import { selects } from './selection.ts'

export interface Offer {
  /** `account/role`. */
  name: string
  accountId: string
  role: string
}

/** Names are of all accounts that there are, whatever is selected: another filter does not change them. */
export function offersOf(accounts: readonly AssignedAccount[], selecting: Selecting): Offer[] {
  const labels = labelsOf(accounts)
  const isWanted = selects(selecting)
  const taken = new Set<string>()
  return accounts.flatMap((account) =>
    account.roles.flatMap((role): Offer[] => {
      const name = `${labels.get(account.id)}/${role}`
      if (taken.has(name.toLowerCase()) || !isWanted(account, role)) return []
      taken.add(name.toLowerCase())
      return [{ name, accountId: account.id, role }]
    }),
  )
}
