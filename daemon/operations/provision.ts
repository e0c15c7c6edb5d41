/** What a sign-in brings beside the session: the identities that its provider provides. */
import type * as z from 'zod'
import { type AuthError, asAuthError } from '../../shared/errors.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import type { LoginRequest } from '../../shared/requests.ts'
import type { Chain } from '../graph/chain.ts'
import type { Found } from '../provisioning/listing.ts'
import type { House } from './house.ts'

/** Named one by one; more are counted. */
const NAMED = 3

/** A script that signs in again and again does not make the portal list as often. */
const RECENT_MS = 3_600_000

/**
 * Lists the assignments of the chain's provider anew, where its configuration asks for that. Waited for by a sign-in to
 * the provider, and by the first of all; otherwise it goes on behind the caller's back, and not at all where the list
 * is recent and nobody has signed in since. A failure is a warning.
 */
export async function provision(
  house: House,
  chain: Chain,
  { provider }: z.output<typeof LoginRequest>,
  show: (event: LoginEvent) => void,
  leave: AbortSignal,
): Promise<void> {
  const { provisioning, log } = house
  if (!provisioning.isWanted(chain)) return
  const listedAt = await provisioning.listedAt(chain)
  const waits = provider !== undefined || listedAt === undefined
  if (!waits && isRecent(house, chain, listedAt)) return
  const report = (done: number, total: number) => {
    if (waits && !leave.aborted) show({ type: 'progress', done, total, what: 'accounts' })
  }
  const listed = provisioning.refresh(chain, report).then(incomplete, failed)
  if (waits) for (const warning of await Promise.race([listed, left(leave)])) show(warning)
  else void listed.then((warnings) => warnings.map(({ message }) => log.warn({ message }, 'listing')))
}

function isRecent({ broker, clock }: House, { keyring, steps }: Chain, listedAt: number): boolean {
  const signIn = broker.held.peek(keyring, steps[0]?.key ?? '')
  return clock.now() - listedAt < RECENT_MS && (signIn?.issuedAt ?? 0) <= listedAt
}

type Warning = Extract<LoginEvent, { type: 'warning' }>

function failed(error: unknown): Warning[] {
  const { message, hint }: AuthError = asAuthError(error)
  const said = `The accounts could not be listed, so identities may be missing: ${message}`
  return [{ type: 'warning', message: said, ...(hint === undefined ? {} : { hint }) }]
}

function incomplete({ failed }: Found): Warning[] {
  if (failed.length === 0) return []
  const names = failed.slice(0, NAMED).map(({ account }) => account.name || account.id)
  const more = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : ''
  const message = `The roles in ${names.join(', ')}${more} could not be listed: ${failed[0]?.error.message}`
  return [{ type: 'warning', message, hint: 'They stay as they were; the next sign-in asks again.' }]
}

function left(signal: AbortSignal): Promise<Warning[]> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve([])
    else signal.addEventListener('abort', () => resolve([]), { once: true })
  })
}
