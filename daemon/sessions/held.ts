/** The sessions of this process: in memory for the fast path, written through to the store that each belongs to. */
import { asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { decode, encode } from './codec.ts'
import type { Keyrings } from './keyrings.ts'
import type { Session } from './session.ts'

export interface Held {
  /** The session in memory, with no waiting. */
  peek(key: string): Session | undefined
  /** The session in memory or in the store. */
  load(keyring: Keyring, key: string): Promise<Session | undefined>
  /** A number that grows with every change of the key, for `put`. */
  generation(key: string): number
  /**
   * Stores a session durably, then holds it. With `since`, only if the key has not changed after that generation:
   * a late renewal never replaces a newer sign-in, nor brings back what was signed out. Returns what is held then.
   */
  put(keyring: Keyring, session: Session, since?: number): Promise<Session | undefined>
  delete(keyring: Keyring, key: string): Promise<boolean>
  all(): Iterable<Session>
}

export function holdSessions(options: { keyrings: Keyrings; clock: Clock; log: Log }): Held {
  const { keyrings, clock, log } = options
  const sessions = new Map<string, Session>()
  const generations = new Map<string, number>()
  const generation = (key: string) => generations.get(key) ?? 0
  const moved = (key: string) => generations.set(key, generation(key) + 1)

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

  return {
    generation,
    peek: (key) => sessions.get(key),
    all: () => sessions.values(),
    async load(keyring, key) {
      const before = generation(key)
      const held = sessions.get(key) ?? (await read(keyring, key))
      if (held && generation(key) === before) sessions.set(key, held)
      return generation(key) === before ? held : sessions.get(key)
    },
    async put(keyring, session, since) {
      const { key } = session
      if (since !== undefined && since !== generation(key)) return sessions.get(key)
      moved(key)
      const store = await keyrings.open(keyring)
      const mine = generation(key)
      try {
        // On disk before in use: a rotated refresh token that is used but not kept ends the sign-in.
        await store.set(key, encode(session))
      } finally {
        if (generation(key) === mine) sessions.set(key, session)
      }
      return sessions.get(key)
    },
    async delete(keyring, key) {
      const had = sessions.delete(key)
      moved(key)
      const store = await keyrings.open(keyring)
      const stored = (await store.get(key).catch(() => '')) !== undefined
      await store.delete(key)
      return had || stored
    },
  }
}
