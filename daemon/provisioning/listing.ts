/** Everything that a person is assigned at a portal, asked for as fast as the portal allows and no faster. */
import { type AuthError, asAuthError, pauseMs } from '../../shared/errors.ts'
import type { Account, AssignmentSource, Page } from '../kinds/contract.ts'
import type { Clock } from '../system/clock.ts'
import type { Pace } from './pace.ts'

export interface AssignedAccount extends Account {
  roles: string[]
}

export interface Listing {
  source: AssignmentSource
  pace: Pace
  clock: Clock
  signal: AbortSignal
  /** Accounts whose roles are known, and how many there are in all. */
  report(done: number, total: number): void
}

export interface Found {
  accounts: AssignedAccount[]
  /** Accounts whose roles could not be listed; they are not among the others. */
  failed: { account: Account; error: AuthError }[]
}

/** Requests under way together: more than that wait for answers in vain while the pace holds them back anyway. */
const TOGETHER = 8
/** A portal that says "too fast" is asked again so often, each time after twice the time. */
const THROTTLED = 8
const BROKEN = 2
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 20_000
/** Where the portal names a time, which is obeyed as far as somebody waits for it. */
const LONGEST_PAUSE_MS = 60_000

/** Lists all accounts with their roles. Throws where the accounts themselves cannot be listed. */
export async function listAssignments(listing: Listing): Promise<Found> {
  const { source, report } = listing
  const accounts = distinct(await allPages(listing, (from) => source.accounts(from)))
  const found: Found = { accounts: [], failed: [] }
  const roles = new Map<string, string[]>()
  const waiting = accounts.values()
  report(0, accounts.length)
  const work = async () => {
    for (const account of waiting) {
      try {
        roles.set(account.id, await allPages(listing, (from) => source.roles(account.id, from)))
      } catch (error) {
        if (ends(listing, asAuthError(error))) throw error
        found.failed.push({ account, error: asAuthError(error) })
      }
      report(roles.size + found.failed.length, accounts.length)
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, work))
  found.accounts = accounts.flatMap((account) => {
    const its = roles.get(account.id)
    return its ? [{ ...account, roles: its }] : []
  })
  return found
}

/** What the other accounts would meet too. */
function ends({ signal }: Listing, { code }: AuthError): boolean {
  return signal.aborted || code === 'CredentialRejected'
}

async function allPages<T>(
  listing: Listing,
  page: (from: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = []
  let from: string | undefined
  do {
    const { items, next } = await patiently(listing, () => page(from))
    all.push(...items)
    from = next
  } while (from)
  return all
}

/** One request in its turn, and again where that may help. */
async function patiently<T>({ pace, clock, signal }: Listing, request: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    await pace.turn(signal)
    try {
      return await request()
    } catch (error) {
      const failure = asAuthError(error)
      const { code } = failure
      const limit = code === 'UpstreamThrottled' ? THROTTLED : code === 'UpstreamUnavailable' ? BROKEN : 0
      if (tries >= limit || signal.aborted) throw error
      const wait = Math.max(
        Math.min(LONGEST_PAUSE_MS, pauseMs(failure)),
        Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries),
      )
      if (code === 'UpstreamThrottled') pace.hold(wait)
      await clock.sleep(wait, signal)
    }
  }
}

/** An account that moved to a later page while the pages were read is there twice. */
function distinct(accounts: readonly Account[]): Account[] {
  return [...new Map(accounts.map((account) => [account.id, account])).values()]
}
