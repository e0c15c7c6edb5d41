import type { Account } from '../kinds/contract.ts'

/**
 * What each account is called in the names of its identities, by id: its name, and with its id behind it where that
 * is the name of another one too. Names are found in any case, so `Dev` and `dev` are the same. Pure.
 */
export function labelsOf(accounts: readonly Account[]): Map<string, string> {
  const long = new Set(accounts.filter(({ name }) => name === '').map(({ id }) => id))
  for (let before = -1; before < long.size; ) {
    before = long.size
    const owners = new Map<string, string[]>()
    for (const account of accounts) {
      const label = labelOf(account, long).toLowerCase()
      owners.set(label, [...(owners.get(label) ?? []), account.id])
    }
    for (const ids of owners.values()) if (ids.length > 1) for (const id of ids) long.add(id)
  }
  return new Map(accounts.map((account) => [account.id, labelOf(account, long)]))
}

function labelOf({ id, name }: Account, long: ReadonlySet<string>): string {
  if (name === '') return id
  return long.has(id) ? `${name}-${id}` : name
}
