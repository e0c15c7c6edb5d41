/** The header `Retry-After` (RFC 9110 section 10.2.3). Pure. */

/** Seconds, from a number or a date; undefined where it says neither, or a moment that is past. */
export function secondsOf(header: string | null | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  const told = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000
  return told > 0 ? Math.ceil(told) : undefined
}

/** As the details of a failure, where `pauseMs` looks for it. */
export function pausing(retryAfterSeconds: number | undefined): { details?: { retryAfterSeconds: number } } {
  return retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }
}
