/** How many different tokens the tools of one grant may want: each is held and renewed, so that not any number of them is. */

export interface Wants {
  /** Whether a grant may want this: one of those that it wanted before, or one more within the bound. */
  allows(grantId: string, key: string): boolean
  /** Forgets what a grant wanted, which is no more. */
  forget(grantId: string): void
}

/** More than any tool of a cloud asks for, and few enough to hold. */
const MOST = 32

export function boundedWants(most = MOST): Wants {
  const wanted = new Map<string, Set<string>>()
  return {
    allows(grantId, key) {
      const keys = wanted.get(grantId) ?? new Set()
      if (!keys.has(key) && keys.size >= most) return false
      wanted.set(grantId, keys.add(key))
      return true
    },
    forget: (grantId) => void wanted.delete(grantId),
  }
}
