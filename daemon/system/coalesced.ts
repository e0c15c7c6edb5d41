/**
 * Work that many ask for. Each call resolves with a run that began after it; calls that come while a run is under way
 * share the next one, so that a burst costs two runs.
 */
export function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  let next: Promise<T> | undefined
  const run = (): Promise<T> => {
    running = work().finally(() => {
      running = undefined
    })
    return running
  }
  const after = async (before: Promise<T>): Promise<T> => {
    await before.catch(() => {}) // whoever asked for that one sees its failure
    next = undefined
    return run()
  }
  return () => {
    // Also in the moment in which the run before it has ended and it has not begun: two at once would collide.
    if (next !== undefined) return next
    if (running === undefined) return run()
    next = after(running)
    return next
  }
}
