import type { Clock } from '../system/clock.ts'

/** The right to send one request after another, no faster than a portal allows. */
export interface Pace {
  /** Resolves when the caller may send its next request, or at once when `signal` aborts. */
  turn(signal: AbortSignal): Promise<void>
  /** The portal said that it is too much: nobody sends anything for so long. */
  hold(ms: number): void
}

/**
 * The APIs of IAM Identity Center have a collective throttle of 20 requests a second (IAM Identity Center User Guide,
 * "Quotas"). Two of them are left to the sign-ins and credentials of the same person.
 */
export const REQUESTS_PER_SECOND = 18

/** A token bucket that holds one token: requests come evenly, so that no second has more than its share. */
export function paceOf(clock: Clock, perSecond = REQUESTS_PER_SECOND): Pace {
  let free = clock.monotonic()
  return {
    async turn(signal) {
      const mine = Math.max(free, clock.monotonic())
      free = mine + 1_000 / perSecond
      const wait = mine - clock.monotonic()
      if (wait > 0) await clock.sleep(wait, signal)
    },
    hold(ms) {
      free = Math.max(free, clock.monotonic() + ms)
    },
  }
}
