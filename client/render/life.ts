/** How much of a session is left, as a colour and in words: never as a colour alone. */
import { formatDuration } from '../../shared/duration.ts'
import type { SessionState } from '../../shared/replies.ts'
import type { Look, Paint } from '../style.ts'

export interface Held {
  state: SessionState
  /** Epoch milliseconds. */
  expiresAt?: number
}

/** A session's state as a person sees it: `soon` is less than 15 minutes before its end. */
export type Life = SessionState | 'soon'

const SOON_MS = 900_000
const LOOKS: Readonly<Record<Life, Look>> = {
  fresh: 'green',
  due: 'yellow',
  soon: 'yellow',
  expired: 'red',
  none: 'dim',
}

/** The daemon's word, unless the session came to its end, or near it, since. */
export function lifeOf({ state, expiresAt }: Held, now: number): Life {
  if (state === 'none' || state === 'expired' || expiresAt === undefined) return state
  if (expiresAt <= now) return 'expired'
  return expiresAt - now < SOON_MS ? 'soon' : state
}

/** `1h 5m`, `18m (due)`, `9m (soon)`, `expired`; undefined where there is no session. */
export function leftOf(held: Held, now: number): string | undefined {
  const life = lifeOf(held, now)
  if (life === 'none') return undefined
  if (life === 'expired' || held.expiresAt === undefined) return life
  const left = formatDuration(held.expiresAt - now)
  return life === 'fresh' ? left : `${left} (${life})`
}

export function dot(life: Life, paint: Paint): string {
  return paint(LOOKS[life], life === 'none' ? '○' : '●')
}

export function painted(life: Life, text: string, paint: Paint): string {
  return paint(LOOKS[life], text)
}
