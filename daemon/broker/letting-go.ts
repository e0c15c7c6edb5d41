/** What nobody asks for any more: a host of many short jobs, each with variables of its own, would gather it for good. */
import { isLongOver } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Broker } from './broker.ts'

/** For so long after its last use a key is still spoken of, in `status` and to who asks again. */
const UNUSED_MS = 24 * 3_600_000
const EVERY_MS = 3_600_000

/** Lets go of what has ended and is unused, every hour. Returns how to stop that. */
export function startLettingGo(parts: { broker: Broker; clock: Clock; log: Log }): () => void {
  const { broker, clock, log } = parts
  const look = () => letGo(broker, clock).catch((error) => log.warn({ error }, 'ended sessions not erased'))
  return clock.every(EVERY_MS, look)
}

async function letGo({ held, uses, setbacks }: Broker, clock: Clock): Promise<void> {
  const isUnused = (key: string) => uses.lastAt(key) < clock.now() - UNUSED_MS
  await held.prune((session) => isLongOver(session, clock) && isUnused(session.key))
  const kept = new Set([...held.all()].map(({ key }) => key))
  for (const key of uses.keys()) {
    if (kept.has(key) || !isUnused(key)) continue
    uses.forget(key)
    setbacks.clear(key)
  }
}
