/** A held credential with its key and its times, and the decisions that depend on nothing but those. Pure. */
import type { Credential } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'

export interface Session {
  /** The chain key. */
  key: string
  /** Name and kind of the node that gave it, for people. */
  name: string
  kind: string
  credential: Credential
  /** Epoch milliseconds. */
  issuedAt: number
  /** Epoch milliseconds. */
  expiresAt: number
  /** End by the monotonic clock of this process: a wall clock set back does not prolong a credential. */
  monotonicEnd: number
}

export interface Times {
  now(): number
  monotonic(): number
}

const MINUTE_MS = 60_000
/** An hour, less what is lost on the way and to whole seconds. */
const HOUR_MS = 59 * MINUTE_MS

/** A new session of a credential that was given just now. */
export function sessionOf(
  origin: Pick<Session, 'key' | 'name' | 'kind'>,
  credential: Credential,
  clock: Times,
): Session {
  const issuedAt = clock.now()
  const { expiresAt } = credential
  return {
    ...origin,
    credential,
    issuedAt,
    expiresAt,
    monotonicEnd: clock.monotonic() + (expiresAt - issuedAt),
  }
}

/** Milliseconds of validity left, by the more pessimistic of the two clocks; negative once it is over. */
export function remaining({ expiresAt, monotonicEnd }: Session, clock: Times): number {
  return Math.min(expiresAt - clock.now(), monotonicEnd - clock.monotonic())
}

export function lifetime({ issuedAt, expiresAt }: Session): number {
  return Math.max(0, expiresAt - issuedAt)
}

/** How long before its end a session is renewed: 20 minutes or a quarter for an hour and more, else half of it. */
export function refreshAhead(session: Session): number {
  const whole = lifetime(session)
  return whole >= HOUR_MS ? Math.max(20 * MINUTE_MS, whole / 4) : whole / 2
}

/** Near its end a session is renewed before it is served: the last minute, or the last tenth of a short one. */
export function renewFirst(session: Session): number {
  return Math.min(MINUTE_MS, lifetime(session) / 10)
}

/** Below this it would end on its way to the tool, so it counts as expired: five seconds, or a twentieth. */
export function margin(session: Session): number {
  return Math.min(5_000, lifetime(session) / 20)
}

export function isServable(session: Session, clock: Times): boolean {
  return remaining(session, clock) > margin(session)
}

export function isDue(session: Session, clock: Times): boolean {
  return !isForOnce(session) && remaining(session, clock) <= refreshAhead(session)
}

/** An assertion is there to be exchanged at once: a new one is made when it is needed, and never ahead of that. */
export function isForOnce({ credential }: Session): boolean {
  return credential.type === 'saml-assertion'
}

/** What is left of a session that was there for once: that somebody signed in, and no secret. */
export function spent(session: Session): Session {
  const { credential, issuedAt, monotonicEnd } = session
  if (credential.type !== 'saml-assertion') return session
  const nothing = { ...credential, assertion: new Secret(''), expiresAt: issuedAt }
  return {
    ...session,
    credential: nothing,
    expiresAt: issuedAt,
    monotonicEnd: monotonicEnd - lifetime(session),
  }
}

/** After so long nobody wants to know any more when it ended. */
const LONG_OVER_MS = 24 * 60 * MINUTE_MS

/** Whether it ended long ago and nothing in it is of use: a refresh token outlives the credential that it came with. */
export function isLongOver(session: Session, clock: Times): boolean {
  const { credential } = session
  const isRenewable =
    ('refreshToken' in credential && credential.refreshToken !== undefined) ||
    ('session' in credential && credential.session !== undefined)
  return !isRenewable && remaining(session, clock) < -LONG_OVER_MS
}

export function stateOf(session: Session | undefined, clock: Times): 'fresh' | 'due' | 'expired' | 'none' {
  if (!session) return 'none'
  if (!isServable(session, clock)) return 'expired'
  return isDue(session, clock) ? 'due' : 'fresh'
}
