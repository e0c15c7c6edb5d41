/** Sessions that have to last: nobody renews what was handed out, and what IMDS gives is believed for longer than it says. */
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import { type Chain, lastStep } from '../graph/chain.ts'
import { isDue, isServable, lifetime, remaining, type Session } from '../sessions/session.ts'
import { within } from '../system/clock.ts'
import type { House } from './house.ts'

type Parts = Pick<House, 'broker' | 'clock'>

/** So long a new one is waited for while there is an old one to hand out. */
const PATIENCE_MS = 5_000
const MINUTE_MS = 60_000
/** How long a session has to last, by who is given it. */
interface Lasting {
  /** With less left than this a new one is waited for. */
  leastMs: number
  /** From here on a new one is got behind the caller's back. */
  aheadMs: number
  /** So long the new one is waited for where there is one to hand out; as long as for the first, if not said. */
  renewalMs?: number
}

/** botocore takes what ends within 15 minutes for good for up to 25. */
const inImds: Lasting = { leastMs: 25 * MINUTE_MS, aheadMs: 30 * MINUTE_MS }

/** What the instance metadata of a grant is made of. */
export function metadataSource(parts: Pick<House, 'broker' | 'clock' | 'chains'>) {
  const { clock, chains } = parts
  return {
    session: async (grant: Grant, patienceMs: number) =>
      lastingSession(parts, await chains.of(grant), patienceMs, inImds),
    region: async (grant: Grant) => (await chains.of(grant)).region,
    tooShort: neverLasts,
    nearEnd: (session: Session) => endsSoon(session, clock),
  }
}

/** A session to hand out: one near its end is renewed first, where that can be done soon. */
export async function lasting(parts: Parts, chain: Chain): Promise<Session> {
  const session = await parts.broker.session(chain)
  return isDue(session, parts.clock) ? insteadOf(parts, chain, session) : session
}

/** A new session in place of one, or that one for as long as it can be served, where none is had soon. */
export function insteadOf(parts: Parts, chain: Chain, session: Session): Promise<Session> {
  return renewedFirst(parts, chain, session, PATIENCE_MS)
}

/** A session that lasts, where one can be had within `patienceMs`; else the one that is held. Pending where none is. */
export async function lastingSession(
  parts: Parts,
  chain: Chain,
  patienceMs: number,
  { leastMs, aheadMs, renewalMs = patienceMs }: Lasting,
): Promise<Session> {
  const { broker, clock } = parts
  const begun = clock.monotonic()
  const session = await broker.session(chain, patienceMs)
  const left = remaining(session, clock)
  if (lifetime(session) < leastMs || left >= aheadMs) return session
  const spent = clock.monotonic() - begun
  const patience = left >= leastMs ? 0 : Math.min(renewalMs, patienceMs - spent)
  return renewedFirst(parts, chain, session, patience)
}

/** What a renewal gives within `patienceMs`, else `session` for as long as it can be served. The renewal goes on. */
async function renewedFirst(
  { broker, clock }: Parts,
  chain: Chain,
  session: Session,
  patienceMs: number,
): Promise<Session> {
  if (broker.setbacks.resting(lastStep(chain).key)) return session
  let failure = new AuthError('Pending', 'The credential is being renewed; ask again in a second.')
  const renewal = broker.renew(chain).catch((error) => {
    failure = asAuthError(error)
  })
  if (patienceMs <= 0) return session
  const renewed = await within(clock, patienceMs, () => renewal)
  if (renewed) return renewed
  if (isServable(session, clock)) return session
  throw failure
}

/** Whether such sessions are too short for IMDS from the beginning. */
export function neverLasts(session: Session): boolean {
  return lifetime(session) < inImds.leastMs
}

function endsSoon(session: Session, clock: House['clock']): boolean {
  return remaining(session, clock) < inImds.leastMs
}
