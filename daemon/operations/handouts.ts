/**
 * Tokens that a cluster has refused, as far as it can be told. A client of Kubernetes keeps its token until that ends
 * (client-go, plugin/pkg/client/auth/exec), and does not say why its plugin is run: a process that asks for the same
 * once more has been answered 401. One that asks for two clusters of the same identity looks the same, and costs a renewal.
 */
import type { Session } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'

/** A kubectl that becomes another, of the cluster's version, asks twice at its start and has been refused nothing. */
const START_MS = 2_000
const AT_START = 2
/** A client that is refused tries some four or five times at once. */
const PAUSE_MS = 10_000
const MOST = 1_000

/** What a process was given last. */
interface Handout {
  /** End of the session. */
  expiresAt: number
  /** When it was given first, and how often since. */
  at: number
  times: number
}

export interface Handouts {
  /** Whether this process had this session before, which it is given now, and no other was just made for it. */
  isRefused(asker: number, key: string, session: Session): boolean
}

export function openHandouts({ monotonic }: Clock): Handouts {
  const given = new Map<string, Handout>()
  const refusedAt = new Map<string, number>()
  return {
    isRefused(asker, key, { expiresAt }) {
      const name = `${asker} ${key}`
      const now = monotonic()
      const last = given.get(name)
      const isSame = last?.expiresAt === expiresAt
      const { at, times } = isSame ? last : { at: now, times: 0 }
      remember(given, name, { expiresAt, at, times: times + 1 })
      const isStarting = times < AT_START && now - at < START_MS
      if (times === 0 || isStarting || now - (refusedAt.get(name) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS)
        return false
      remember(refusedAt, name, now)
      return true
    },
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST && oldest !== undefined) map.delete(oldest)
}
