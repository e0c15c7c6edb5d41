import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import { durableFile, readIfPresent } from '../system/files.ts'
import type { Random } from '../system/random.ts'
import { seal, unseal } from './sealing.ts'
import type { Store } from './store.ts'
import { createVault, type OpenVault, openVault } from './vault.ts'

/** Opens the encrypted file at `path`, making it where there is none. */
export async function encryptedFileStore(options: {
  path: string
  password: Secret
  random: Random
}): Promise<Store> {
  const { path, password, random } = options
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const bytes = await readIfPresent(path)
  const vault = bytes
    ? await openVault(bytes.toString('utf8'), password.reveal(), path)
    : await createVault(password.reveal(), random)
  return storeOf(vault, path, random)
}

function storeOf({ file, dataKey }: OpenVault, path: string, random: Random): Store {
  const disk = durableFile(path, () => JSON.stringify(file))
  const place = (key: string) => `atmosd/vault/1/record/${key}`
  return {
    async get(key) {
      const sealed = Object.hasOwn(file.records, key) ? file.records[key] : undefined
      if (sealed === undefined) return undefined
      const plain = unseal(dataKey, sealed, place(key))
      if (plain) return plain.toString('utf8')
      throw new AuthError('StoreDamaged', `A record of the keyring file ${path} is damaged.`, {
        hint: 'Sign in again; the record is replaced.',
      })
    },
    async set(key, value) {
      file.records[key] = seal(dataKey, value, place(key), random)
      await disk.save()
    },
    async delete(key) {
      const had = Object.hasOwn(file.records, key)
      delete file.records[key]
      await disk.save(had)
    },
    list: async () => Object.keys(file.records),
  }
}
