/** The only place that reads the time and sets timers. Everything else is given a Clock, so that a test can turn it. */
export interface Clock {
  /** Wall clock, epoch milliseconds; may jump. */
  now(): number
  /** Milliseconds that only ever grow; stands still while the machine sleeps on Linux. */
  monotonic(): number
  /** Resolves after `ms`, or at once and quietly when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `task` every `ms` until the returned function is called. Never keeps the process alive. */
  every(ms: number, task: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const timer = setTimeout(finish, ms)
      signal?.addEventListener('abort', finish, { once: true })
      function finish() {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
    }),
  every(ms, task) {
    const timer = setInterval(task, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
}

/** Runs `work` with a signal that aborts after `ms`, and waits no longer than that. Undefined: it was not done in time. */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const giveUp = new AbortController()
  const done = new AbortController()
  const late = clock.sleep(ms, done.signal).then(() => undefined)
  try {
    return await Promise.race([work(giveUp.signal), late])
  } finally {
    giveUp.abort()
    done.abort()
  }
}
