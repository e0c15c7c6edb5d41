/** The sessions of this process: in memory for the fast path, written through to the stores that each belongs to. */
import { asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { trackGenerations } from './generations.ts'
import type { Keyrings } from './keyrings.ts'
import { sessionRecords } from './records.ts'
import { restingPlaces } from './resting-places.ts'
import { isForOnce, remaining, type Session, spent } from './session.ts'
import { takeTurns } from './turns.ts'

export interface Held {
  /** The session in memory, with no waiting, where it rests in that keyring too. */
  peek(keyring: Keyring, key: string): Session | undefined
  /** The session in memory or in the store. One that another configuration brought is kept in this keyring as well. */
  load(keyring: Keyring, key: string): Promise<Session | undefined>
  /** A number that grows with every change of the key, for `put`. */
  generation(key: string): number
  /**
   * Stores a session durably, then holds it. With `since`, only if the key has not changed after that generation:
   * a late renewal never replaces a newer sign-in, nor brings back what was signed out. Returns what is held then.
   */
  put(keyring: Keyring, session: Session, since?: number): Promise<Session | undefined>
  /** Drops the session from memory and from every keyring that it rests in. Returns whether there was one. */
  delete(keyring: Keyring, key: string): Promise<boolean>
  all(): Iterable<Session>
  /** Drops the secrets of sessions that were there for once and are over. */
  shed(): void
  /** Keys of all sessions that rest in a keyring, whether or not they are in memory. */
  keys(keyring: Keyring): Promise<string[]>
  /**
   * Erases what `isOver` says, from memory and from every keyring that is open. That is no change of the key: what is
   * under way for it goes on.
   */
  prune(isOver: (session: Session) => boolean): Promise<void>
}

export function holdSessions(options: { keyrings: Keyrings; clock: Clock; log: Log }): Held {
  const { keyrings, clock, log } = options
  const { read, write, erase, keys } = sessionRecords(options)
  const sessions = new Map<string, Session>()
  const { of: generation, move: moved, trim } = trackGenerations(clock)
  const rests = restingPlaces()
  const inTurn = takeTurns()

  /** Does the same in several keyrings that the session rests in, as well as it can be done. */
  async function inEach(places: readonly Keyring[], work: (place: Keyring) => Promise<unknown>) {
    for (const place of places) {
      await work(place).catch((error) =>
        log.warn({ code: asAuthError(error).code, keyring: place.type }, 'a session was not kept everywhere'),
      )
    }
  }

  async function pruneHeld(key: string, isOver: (session: Session) => boolean): Promise<void> {
    const known = sessions.get(key)
    if (!known || !isOver(known)) return
    sessions.delete(key)
    await inEach(rests.of(key), (place) => erase(place, key))
    rests.forget(key)
  }

  async function pruneStored(keyring: Keyring, key: string, isOver: (session: Session) => boolean) {
    const stored = sessions.has(key) ? undefined : await read(keyring, key)
    if (stored && isOver(stored)) await erase(keyring, key)
  }

  return {
    generation,
    peek: (keyring, key) => (rests.has(key, keyring) ? sessions.get(key) : undefined),
    all: () => sessions.values(),
    keys,

    shed() {
      for (const [key, session] of sessions)
        if (isForOnce(session) && remaining(session, clock) <= 0) sessions.set(key, spent(session))
    },

    load: (keyring, key) =>
      inTurn(key, async () => {
        const before = generation(key)
        const known = sessions.get(key)
        if (known && rests.has(key, keyring)) return known
        const held = newerOf(known, await read(keyring, key))
        if (!held) return sessions.get(key)
        rests.add(key, keyring) // its bytes are there, or may soon be: a sign-out meanwhile has to find them
        if (held === known) await write(keyring, held)
        if (generation(key) !== before) return sessions.get(key)
        sessions.set(key, held)
        return held
      }),

    async put(keyring, session, since) {
      const { key } = session
      if (since !== undefined && since !== generation(key)) return sessions.get(key)
      const mine = moved(key)
      return inTurn(key, async () => {
        rests.add(key, keyring)
        try {
          // On disk before in use: a rotated refresh token that is used but not kept ends the sign-in.
          await write(keyring, session)
          await inEach(rests.others(key, keyring), (other) => write(other, session))
        } finally {
          if (generation(key) === mine) sessions.set(key, session)
        }
        return sessions.get(key)
      })
    },

    async delete(keyring, key) {
      const had = sessions.delete(key)
      moved(key)
      return inTurn(key, async () => {
        await inEach(rests.others(key, keyring), (other) => erase(other, key))
        rests.forget(key)
        return (await erase(keyring, key)) || had
      })
    },

    async prune(isOver) {
      for (const key of [...sessions.keys()]) await inTurn(key, () => pruneHeld(key, isOver))
      for (const keyring of await keyrings.opened())
        for (const key of await keys(keyring)) await inTurn(key, () => pruneStored(keyring, key, isOver))
      trim((key) => sessions.has(key))
    },
  }
}

function newerOf(known: Session | undefined, stored: Session | undefined): Session | undefined {
  return known && stored && stored.issuedAt > known.issuedAt ? stored : (known ?? stored)
}
