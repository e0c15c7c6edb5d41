import { type Clock, systemClock } from '../../daemon/system/clock.ts'

/** A clock that a test turns. Timers fire, in their order, only when it is turned past them. */
export interface ManualClock extends Clock {
  /** Turns both clocks forward, letting everything that is due happen, with what follows from it. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock alone, as an administrator or a sleep does. */
  jump(ms: number): void
  /** Number of sleeps under way. */
  sleeping(): number
}

export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let wall = start
  let mono = 1_000
  const timers = new Set<{ at: number; fire(): void }>()
  const clock: ManualClock = {
    now: () => wall,
    monotonic: () => mono,
    sleeping: () => timers.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const timer = { at: mono + ms, fire: done }
        timers.add(timer)
        signal?.addEventListener('abort', done, { once: true })
        function done() {
          timers.delete(timer)
          resolve()
        }
      }),
    every(ms, task) {
      const timer = { at: mono + ms, fire }
      function fire() {
        timer.at += ms
        task()
      }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    jump: (ms) => {
      wall += ms
    },
    async advance(ms) {
      const end = mono + ms
      for (;;) {
        await settle()
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        const step = Math.max(0, next.at - mono)
        mono += step
        wall += step
        next.fire()
      }
      wall += end - mono
      mono = end
      await settle()
    },
  }
  return clock
}

/** The machine's own clock, put forward by `turn`; what sleeps sleeps on, so that real requests end as they do. */
export function aheadClock(): Clock & { turn(ms: number): number } {
  let ahead = 0
  return {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    turn(ms) {
      ahead += ms
      return ahead
    },
  }
}

/** What work comes to while the clock is turned, `step` milliseconds at a time. */
export async function turned<T>(clock: ManualClock, work: Promise<T>, step = 100): Promise<T> {
  let ended = false
  const ending = work.finally(() => {
    ended = true
  })
  ending.catch(() => {}) // it is told to whoever called
  while (!ended) await clock.advance(step)
  return ending
}

/** Lets all promises that can settle do so, and I/O that is ready be handled. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}
