/** How many different tokens one grant may want: each is a session of its own, and what tools ask for is theirs to say. */
import type { Times } from '../sessions/session.ts'
import type { Grant } from './grant.ts'

export interface BoundedWants {
  /** Whether a grant may want this as well; `key` says what, in one way for the same. */
  allows(grant: Grant, key: string): boolean
}

/** More than the scopes, resources and audiences of any one tool run. */
const MOST = 64
/** Unasked for so long, it counts no more: a shell of many days may come to want many things. */
const UNASKED_MS = 3_600_000

/** What is counted goes with its grant. */
export function boundedWants(clock: Times): BoundedWants {
  const wants = new WeakMap<Grant, Map<string, number>>()
  return {
    allows(grant, key) {
      const asked = wants.get(grant) ?? new Map<string, number>()
      wants.set(grant, asked)
      const now = clock.monotonic()
      if (!asked.has(key) && asked.size >= MOST) drop(asked, now - UNASKED_MS)
      if (!asked.has(key) && asked.size >= MOST) return false
      asked.set(key, now)
      return true
    },
  }
}

function drop(asked: Map<string, number>, before: number): void {
  for (const [key, at] of asked) if (at <= before) asked.delete(key)
}
