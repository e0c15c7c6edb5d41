import { asAuthError, isTransient, pauseMs } from '../../shared/errors.ts'
import type { Clock } from '../system/clock.ts'

/** As many as our SDK clients make, and about as far apart. */
const MOST_TRIES = 3
const FIRST_WAIT_MS = 200

/** Does again what failed in a way that will pass, a few times, with growing waits; not where the cloud wants a longer one. */
export async function triedAgain<T>(
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const wait = FIRST_WAIT_MS * 2 ** (tries - 1)
    try {
      return await work()
    } catch (error) {
      const failure = asAuthError(error)
      if (tries === MOST_TRIES || signal.aborted || !isTransient(failure)) throw error
      if (pauseMs(failure) > wait) throw error
    }
    await clock.sleep(wait, signal)
  }
}
