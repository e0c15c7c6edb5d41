/** Sessions as records of the stores that keyrings open. */
import { asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { decode, encode } from './codec.ts'
import type { Keyrings } from './keyrings.ts'
import { type Session, spent } from './session.ts'

export interface Records {
  /** A damaged record is as good as none: a sign-in replaces it. */
  read(keyring: Keyring, key: string): Promise<Session | undefined>
  write(keyring: Keyring, session: Session): Promise<void>
  /** Returns whether there was one, damaged or not. */
  erase(keyring: Keyring, key: string): Promise<boolean>
  keys(keyring: Keyring): Promise<string[]>
}

/** Other records lie beside the sessions, under keys with a slash. */
const SESSION_KEY = /^[0-9a-f]{64}$/

export function sessionRecords(parts: { keyrings: Keyrings; clock: Clock; log: Log }): Records {
  const { keyrings, clock, log } = parts
  return {
    async read(keyring, key) {
      const store = await keyrings.open(keyring)
      try {
        const text = await store.get(key)
        return text === undefined ? undefined : decode(text, clock)
      } catch (error) {
        log.warn({ code: asAuthError(error).code, key: key.slice(0, 8) }, 'a stored session cannot be read')
        return undefined
      }
    },
    async write(keyring, session) {
      const store = await keyrings.open(keyring)
      await store.set(session.key, encode(spent(session))) // what is there for once is not kept
    },
    async erase(keyring, key) {
      const store = await keyrings.open(keyring)
      const stored = (await store.get(key).catch(() => '')) !== undefined
      await store.delete(key)
      return stored
    },
    async keys(keyring) {
      const store = await keyrings.open(keyring)
      return (await store.list()).filter((key) => SESSION_KEY.test(key))
    },
  }
}
