import type { Clock } from '../system/clock.ts'

/** How often the session of each key has changed, for who began something before and ends it after. */
export interface Generations {
  of(key: string): number
  /** Notes a change; returns the number that the key has now. */
  move(key: string): number
  /** Lets go of keys that nobody has looked at for so long that nothing begun then is still under way. */
  trim(isHeld: (key: string) => boolean): void
}

/** A flight lands within a minute. */
const LONG_MS = 3_600_000

export function trackGenerations(clock: Pick<Clock, 'monotonic'>): Generations {
  const generations = new Map<string, { number: number; at: number }>()

  function of(key: string): number {
    const known = generations.get(key)
    if (known) known.at = clock.monotonic()
    return known?.number ?? 0
  }

  return {
    of,
    move(key) {
      const number = of(key) + 1
      generations.set(key, { number, at: clock.monotonic() })
      return number
    },
    trim(isHeld) {
      for (const [key, { at }] of generations)
        if (!isHeld(key) && clock.monotonic() - at > LONG_MS) generations.delete(key)
    },
  }
}
