/** What failed lately, so that neither a storm of retries nor the refresher hammers the cloud. */
import { type AuthError, isTransient, pauseMs } from '../../shared/errors.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'

/** For so long the same answer is given again without asking upstream. */
const REMEMBER_MS = { permanent: 5_000, transient: 500 }
/** Renewal in the background waits 1, 2, 4 … seconds, at most a minute, and a minute at once after a refusal. */
const FIRST_MS = 1_000
const MOST_MS = 60_000
/** A cloud that names a time is left alone for it, by tools too; no longer than this, whatever it names. */
const LONGEST_PAUSE_MS = 5 * 60_000

export interface Setbacks {
  /** The failure to answer again right now, if any. */
  recent(key: string): AuthError | undefined
  /** Whether the background should leave this key alone for now. */
  resting(key: string): boolean
  record(key: string, error: AuthError): void
  clear(key: string): void
  /** Forgets what a sign-in may have cured, for whatever followed from the one that was missing. */
  signedIn(): void
  /** Lets the background try everything again, as after a sleep of the machine. */
  wake(): void
  of(key: string): { count: number; last: AuthError } | undefined
}

export function trackSetbacks(clock: Clock, random: Random): Setbacks {
  const entries = new Map<
    string,
    { last: AuthError; count: number; answerUntil: number; restUntil: number }
  >()
  const after = (until: number | undefined) => until !== undefined && clock.monotonic() < until
  return {
    of: (key) => entries.get(key),
    recent: (key) => (after(entries.get(key)?.answerUntil) ? entries.get(key)?.last : undefined),
    resting: (key) => after(entries.get(key)?.restUntil),
    record(key, last) {
      const count = (entries.get(key)?.count ?? 0) + 1
      const transient = isTransient(last)
      const pause = Math.min(LONGEST_PAUSE_MS, pauseMs(last))
      const backoff = transient ? Math.min(MOST_MS, FIRST_MS * 2 ** (count - 1)) : MOST_MS
      const rest = Math.max(pause, backoff * (0.5 + random.unit() / 2))
      const remember = Math.max(pause, transient ? REMEMBER_MS.transient : REMEMBER_MS.permanent)
      const now = clock.monotonic()
      entries.set(key, { last, count, answerUntil: now + remember, restUntil: now + rest })
    },
    clear: (key) => void entries.delete(key),
    signedIn() {
      for (const [key, { last }] of entries) if (last.code === 'LoginRequired') entries.delete(key)
    },
    wake() {
      for (const entry of entries.values()) entry.restUntil = 0
    },
  }
}
