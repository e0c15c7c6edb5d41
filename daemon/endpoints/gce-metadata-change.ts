/** Answers that are held until a value changes: few at a time, and never for long. */
import type { Clock } from '../system/clock.ts'
import type { Answer } from './gce-metadata-answer.ts'

export interface Waiting {
  /**
   * What `now` says once that is another answer than the one with `lastEtag`, or than its first; the current answer at
   * the end of the wait, or when `signal` aborts. Undefined where too many wait already.
   */
  changed(now: () => Promise<Answer>, wait: Wait): Promise<Answer | undefined>
}

export interface Wait {
  lastEtag: string | undefined
  timeoutMs: number
  signal: AbortSignal
}

const MOST = 16
const LOOK_MS = 1_000

/** For one grant. */
export function waitForChanges(clock: Pick<Clock, 'monotonic' | 'sleep'>): Waiting {
  let waiting = 0

  async function held(now: () => Promise<Answer>, { lastEtag, timeoutMs, signal }: Wait): Promise<Answer> {
    const end = clock.monotonic() + timeoutMs
    let answer = await now()
    const before = lastEtag ?? answer.etag
    for (let left = timeoutMs; answer.etag === before && left > 0 && !signal.aborted; ) {
      await clock.sleep(Math.min(left, LOOK_MS), signal)
      left = end - clock.monotonic()
      answer = await now()
    }
    return answer
  }

  return {
    async changed(now, wait) {
      if (waiting >= MOST) return undefined
      waiting += 1
      try {
        return await held(now, wait)
      } finally {
        waiting -= 1
      }
    },
  }
}
