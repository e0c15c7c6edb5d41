/** Doors: random addresses of the daemon that send one browser on, once, so that no secret stands in its arguments. */
import { createHash } from 'node:crypto'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'

export interface Doors {
  /** The id of a new door to `target`. */
  open(target: Secret, expiresAt: number): string
  /** Where a door leads; it is gone then. */
  pass(id: string): Secret | undefined
}

/** More at once are nobody's wish; the oldest goes. */
const MOST = 64

export function openDoors(clock: Pick<Clock, 'now'>, random: Random): Doors {
  // By digest, so that the time of a look-up tells nothing of an id.
  const doors = new Map<string, { target: Secret; expiresAt: number }>()
  return {
    open(target, expiresAt) {
      for (const [key, door] of doors)
        if (door.expiresAt <= clock.now() || doors.size >= MOST) doors.delete(key)
      const id = random.token(24)
      doors.set(digest(id), { target, expiresAt })
      return id
    },
    pass(id) {
      const key = digest(id)
      const door = doors.get(key)
      doors.delete(key)
      return door && clock.now() < door.expiresAt ? door.target : undefined
    },
  }
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
