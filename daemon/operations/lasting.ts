/** Sessions for tools that believe a credential for longer than it says: what IMDS gives has to last. */
import type { Grant } from '../grants/grant.ts'
import { type Chain, lastStep } from '../graph/chain.ts'
import { lifetime, remaining, type Session } from '../sessions/session.ts'
import { within } from '../system/clock.ts'
import type { House } from './house.ts'

const MINUTE_MS = 60_000
/** botocore takes what ends within 15 minutes for good for up to 25. */
const LEAST_MS = 25 * MINUTE_MS
/** From here on a new one is got behind the caller's back. */
const AHEAD_MS = 30 * MINUTE_MS

/** What the instance metadata of a grant is made of. */
export function metadataSource(parts: Pick<House, 'broker' | 'clock' | 'chains'>) {
  const { clock, chains } = parts
  return {
    session: async (grant: Grant, patienceMs: number) =>
      lastingSession(parts, await chains.of(grant), patienceMs),
    region: async (grant: Grant) => (await chains.of(grant)).region,
    tooShort: neverLasts,
    nearEnd: (session: Session) => endsSoon(session, clock),
  }
}

/** A session that lasts, where one can be had within `patienceMs`; else the one that is held. Pending where none is. */
async function lastingSession(
  { broker, clock }: Pick<House, 'broker' | 'clock'>,
  chain: Chain,
  patienceMs: number,
): Promise<Session> {
  const begun = clock.monotonic()
  const session = await broker.session(chain, patienceMs)
  const left = remaining(session, clock)
  const helpless = neverLasts(session) || broker.setbacks.resting(lastStep(chain).key)
  if (helpless || left >= AHEAD_MS) return session
  const renewal = broker.renew(chain).catch(() => session)
  if (left >= LEAST_MS) return session
  const patience = Math.max(0, patienceMs - (clock.monotonic() - begun))
  return (await within(clock, patience, () => renewal)) ?? session
}

/** Whether such sessions are too short from the beginning. */
export function neverLasts(session: Session): boolean {
  return lifetime(session) < LEAST_MS
}

function endsSoon(session: Session, clock: House['clock']): boolean {
  return remaining(session, clock) < LEAST_MS
}
