/** Sessions for tools that believe a credential for longer than it says: what IMDS gives has to last. */
import { type Chain, lastStep } from '../graph/chain.ts'
import { lifetime, remaining, type Session } from '../sessions/session.ts'
import { within } from '../system/clock.ts'
import type { House } from './house.ts'

const MINUTE_MS = 60_000
/** botocore takes what ends within 15 minutes for good for up to 25. */
const LEAST_MS = 25 * MINUTE_MS
/** From here on a new one is got behind the caller's back. */
const AHEAD_MS = 30 * MINUTE_MS

/** A session that lasts, where one can be had within `patienceMs`; else the one that is held. Pending where none is. */
export async function lastingSession(
  { broker, clock }: Pick<House, 'broker' | 'clock'>,
  chain: Chain,
  patienceMs: number,
): Promise<Session> {
  const session = await broker.session(chain, patienceMs)
  const left = remaining(session, clock)
  const helpless = neverLasts(session) || broker.setbacks.resting(lastStep(chain).key)
  if (helpless || left >= AHEAD_MS) return session
  const renewal = broker.renew(chain).catch(() => session)
  if (left >= LEAST_MS) return session
  return (await within(clock, patienceMs, () => renewal)) ?? session
}

/** Whether such sessions are too short from the beginning. */
export function neverLasts(session: Session): boolean {
  return lifetime(session) < LEAST_MS
}

export function endsSoon(session: Session, clock: House['clock']): boolean {
  return remaining(session, clock) < LEAST_MS
}
