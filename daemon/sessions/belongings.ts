/**
 * What a step of a chain keeps beside its session, by the step's key: a secret in the keyring, and a directory. Both
 * outlive the session, so that the next sign-in is easier, and go with a sign-out.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Keyring } from '../../shared/keyring.ts'
import { Secret } from '../../shared/secret.ts'
import { privateDirectory } from '../system/files.ts'
import type { Keyrings } from './keyrings.ts'

export interface Belongings {
  of(
    keyring: Keyring,
    key: string,
  ): {
    kept(): Promise<Secret | undefined>
    keep(secret: Secret): Promise<void>
    directory(): Promise<string>
  }
  /** Forgets all that belongs to a step. */
  clear(keyring: Keyring, key: string): Promise<void>
  /** Forgets every secret of a keyring, and every directory. */
  clearAll(keyring: Keyring): Promise<void>
}

/** Keys of sessions have no slash. */
const PREFIX = 'kept/'

export function openBelongings(parts: { keyrings: Keyrings; directory: string; uid: number }): Belongings {
  const { keyrings, directory, uid } = parts
  const folder = (key: string) => join(directory, key.slice(0, 16))
  // What is under way when somebody signs out brings nothing back.
  const signOuts = new Map<string, number>()
  let sweeps = 0
  const age = (key: string) => sweeps + (signOuts.get(key) ?? 0)
  const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 3 })
  return {
    of(keyring, key) {
      const begun = age(key)
      return {
        async kept() {
          const text = await (await keyrings.open(keyring)).get(PREFIX + key)
          return text === undefined ? undefined : new Secret(text)
        },
        async keep(secret) {
          const store = await keyrings.open(keyring)
          if (age(key) === begun) await store.set(PREFIX + key, secret.reveal())
        },
        async directory() {
          await privateDirectory(directory, uid)
          await privateDirectory(folder(key), uid)
          return folder(key)
        },
      }
    },
    async clear(keyring, key) {
      signOuts.set(key, (signOuts.get(key) ?? 0) + 1)
      await (await keyrings.open(keyring)).delete(PREFIX + key)
      await remove(folder(key))
    },
    async clearAll(keyring) {
      sweeps += 1
      const store = await keyrings.open(keyring)
      for (const place of await store.list()) if (place.startsWith(PREFIX)) await store.delete(place)
      await remove(directory)
    },
  }
}
