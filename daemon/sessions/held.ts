/** The sessions of this process: in memory for the fast path, written through to the stores that each belongs to. */
import { asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { decode, encode } from './codec.ts'
import type { Keyrings } from './keyrings.ts'
import { restingPlaces } from './resting-places.ts'
import type { Session } from './session.ts'
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
  /** Keys of all sessions that rest in a keyring, whether or not they are in memory. */
  keys(keyring: Keyring): Promise<string[]>
}

/** Other records lie beside the sessions, under keys with a slash. */
const SESSION_KEY = /^[0-9a-f]{64}$/

export function holdSessions(options: { keyrings: Keyrings; clock: Clock; log: Log }): Held {
  const { keyrings, clock, log } = options
  const sessions = new Map<string, Session>()
  const generations = new Map<string, number>()
  const rests = restingPlaces()
  const generation = (key: string) => generations.get(key) ?? 0
  const inTurn = takeTurns()
  const moved = (key: string) => {
    generations.set(key, generation(key) + 1)
    return generation(key)
  }

  async function read(keyring: Keyring, key: string): Promise<Session | undefined> {
    const store = await keyrings.open(keyring)
    try {
      const text = await store.get(key)
      return text === undefined ? undefined : decode(text, clock)
    } catch (error) {
      // A damaged record is as good as none: a sign-in replaces it.
      log.warn({ code: asAuthError(error).code, key: key.slice(0, 8) }, 'a stored session cannot be read')
      return undefined
    }
  }

  async function write(keyring: Keyring, session: Session): Promise<void> {
    const store = await keyrings.open(keyring)
    await store.set(session.key, encode(session))
  }

  async function erase(keyring: Keyring, key: string): Promise<boolean> {
    const store = await keyrings.open(keyring)
    const stored = (await store.get(key).catch(() => '')) !== undefined
    await store.delete(key)
    return stored
  }

  /** Does the same in the other keyrings that the session rests in, as well as it can be done. */
  async function elsewhere(keyring: Keyring, key: string, work: (other: Keyring) => Promise<unknown>) {
    for (const other of rests.others(key, keyring)) {
      await work(other).catch((error) =>
        log.warn({ code: asAuthError(error).code, keyring: other.type }, 'a session was not kept everywhere'),
      )
    }
  }

  return {
    generation,
    peek: (keyring, key) => (rests.has(key, keyring) ? sessions.get(key) : undefined),
    all: () => sessions.values(),

    async keys(keyring) {
      const store = await keyrings.open(keyring)
      return (await store.list()).filter((key) => SESSION_KEY.test(key))
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
          await elsewhere(keyring, key, (other) => write(other, session))
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
        await elsewhere(keyring, key, (other) => erase(other, key))
        rests.forget(key)
        return (await erase(keyring, key)) || had
      })
    },
  }
}

function newerOf(known: Session | undefined, stored: Session | undefined): Session | undefined {
  return known && stored && stored.issuedAt > known.issuedAt ? stored : (known ?? stored)
}
