import { asAuthError, isTransient } from '../../shared/errors.ts'
import type { Clock } from '../system/clock.ts'

/** As many as our SDK clients make, and about as far apart. */
const MOST_TRIES = 3
const FIRST_WAIT_MS = 200

/** Does again what failed in a way that will pass, a few times, with growing waits. */
export async function triedAgain<T>(
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === MOST_TRIES || signal.aborted || !isTransient(asAuthError(error))) throw error
    }
    await clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1), signal)
  }
}
