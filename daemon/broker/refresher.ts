/**
 * The heartbeat. Every few seconds it looks at all sessions in use and renews what is due; it never sleeps until an
 * expiry, so a laptop's sleep and a clock that jumps change nothing but what the next beat sees.
 */
import { isDue, remaining } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import type { Broker } from './broker.ts'

export const BEAT_MS = 10_000
/** Two clocks further apart than this after a beat: the machine slept, or somebody set the time. */
const JUMP_MS = 5_000
/** Renewals that come due together are spread over so long. */
const SPREAD_MS = 2_000

export interface Refresher {
  beat(): void
  stop(): void
}

export function startRefresher(parts: { broker: Broker; clock: Clock; random: Random; log: Log }): Refresher {
  const { broker, clock, random, log } = parts
  let skew = clock.now() - clock.monotonic()

  function beat() {
    const jumpMs = clock.now() - clock.monotonic() - skew
    skew += jumpMs
    if (Math.abs(jumpMs) > JUMP_MS) {
      log.info({ jumpMs }, 'the clock jumped')
      broker.setbacks.wake()
    }
    broker.held.shed()
    const due = [...broker.held.all()].filter(
      (session) =>
        isDue(session, clock) && broker.uses.isUsed(session) && !broker.setbacks.resting(session.key),
    )
    for (const session of due) {
      const chain = broker.uses.chainOf(session.key)
      if (!chain) continue
      const spread =
        due.length > 1 ? random.unit() * Math.min(SPREAD_MS, Math.max(0, remaining(session, clock)) / 4) : 0
      // What fails is recorded by the broker; the next beat sees it.
      void clock.sleep(spread).then(() => broker.renew(chain).catch(() => {}))
    }
  }

  return { beat, stop: clock.every(BEAT_MS, beat) }
}
