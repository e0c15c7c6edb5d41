/** Long-term keys that a person entrusted to a keyring: a record of its own for each identity, beside the sessions. */
import type { Keyring } from '../../shared/keyring.ts'
import { Secret } from '../../shared/secret.ts'
import type { Keyrings } from './keyrings.ts'

/** Whom keys belong to. */
export interface Owner {
  realm: string
  identity: string
}

export interface Entrusted {
  /** What `put` was given last; undefined where there is nothing. */
  get(keyring: Keyring, owner: Owner): Promise<Secret | undefined>
  /** Resolves once it would survive a crash, where the keyring can promise that. */
  put(keyring: Keyring, owner: Owner, keys: Secret): Promise<void>
  /** Returns whether there was anything. */
  forget(keyring: Keyring, owner: Owner): Promise<boolean>
  owners(keyring: Keyring): Promise<Owner[]>
}

const PREFIX = 'entrusted/'

export function openEntrusted(keyrings: Keyrings): Entrusted {
  return {
    async get(keyring, owner) {
      const text = await (await keyrings.open(keyring)).get(place(owner))
      return text === undefined ? undefined : new Secret(text)
    },
    async put(keyring, owner, keys) {
      await (await keyrings.open(keyring)).set(place(owner), keys.reveal())
    },
    async forget(keyring, owner) {
      const store = await keyrings.open(keyring)
      const held = (await store.list()).includes(place(owner))
      await store.delete(place(owner))
      return held
    },
    async owners(keyring) {
      const places = await (await keyrings.open(keyring)).list()
      return places.filter((key) => key.startsWith(PREFIX)).map(ownerOf)
    },
  }
}

/** Both parts escaped, so that no slash in one of them makes it look like another's. */
function place({ realm, identity }: Owner): string {
  return `${PREFIX}${encodeURIComponent(realm)}/${encodeURIComponent(identity)}`
}

function ownerOf(key: string): Owner {
  const [realm = '', identity = ''] = key.slice(PREFIX.length).split('/').map(decodeURIComponent)
  return { realm, identity }
}
