/** One piece of work a key at a time, shared by whoever asks for it, and not tied to any of them. */
export interface Flights<T> {
  /**
   * The result of the flight of `key`, started where none is under way. A caller that gives `leave` may abort it:
   * the flight itself is aborted when its last caller has left, and never while one without `leave` waits.
   */
  join(key: string, start: (signal: AbortSignal) => Promise<T>, leave?: AbortSignal): Promise<T>
  under(key: string): boolean
}

interface Flight<T> {
  result: Promise<T>
  controller: AbortController
  waiting: number
}

export function singleFlight<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>()

  function take(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const underway = flights.get(key)
    if (underway) return underway
    const controller = new AbortController()
    const result = start(controller.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key)
    })
    result.catch(() => {}) // somebody may have left; whoever waits sees the failure
    const flight: Flight<T> = { result, controller, waiting: 0 }
    flights.set(key, flight)
    return flight
  }

  return {
    under: (key) => flights.has(key),
    join(key, start, leave) {
      const flight = take(key, start)
      flight.waiting += 1
      const left = () => {
        flight.waiting -= 1
        if (flight.waiting > 0) return
        flights.delete(key)
        flight.controller.abort()
      }
      if (leave?.aborted) left()
      else leave?.addEventListener('abort', left, { once: true })
      return flight.result.finally(() => leave?.removeEventListener('abort', left))
    },
  }
}
