/** Which assignments a configuration wants. Pure. */
import type { Account, Selecting } from '../kinds/contract.ts'

/** Whether a role of an account is wanted: by the account's name or id, in any case. */
export function selects({ include, exclude }: Selecting): (account: Account, role: string) => boolean {
  const [wanted, unwanted] = [include.map(halves), exclude.map(halves)]
  return ({ id, name }, role) => {
    const fits = ([account, itsRole]: readonly [string, string]) =>
      matches(itsRole, role) && (matches(account, name) || matches(account, id))
    return wanted.some(fits) && !unwanted.some(fits)
  }
}

/** Roles have no slash, accounts may. A pattern without one means all roles of an account. */
function halves(pattern: string): readonly [account: string, role: string] {
  const slash = pattern.lastIndexOf('/')
  return slash < 0 ? [pattern, '*'] : [pattern.slice(0, slash), pattern.slice(slash + 1)]
}

/** `*` stands for any text and `?` for one character. The time it takes is the product of the lengths at most. */
export function matches(pattern: string, text: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), text.toLowerCase()]
  let [at, star, resume] = [0, -1, 0]
  for (let index = 0; index < given.length; ) {
    if (wanted[at] === '*') {
      star = at++
      resume = index
    } else if (wanted[at] === '?' || wanted[at] === given[index]) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else return false
  }
  return /^\**$/.test(wanted.slice(at))
}
