/** The stores in use: memory, and each encrypted file once its password is known. */
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import { Secret } from '../../shared/secret.ts'
import type { Random } from '../system/random.ts'
import { encryptedFileStore } from './encrypted-file.ts'
import { memoryStore } from './memory.ts'
import type { Store } from './store.ts'

export interface Keyrings {
  /** The store of a keyring. PasswordRequired while an encrypted file is locked. */
  open(keyring: Keyring): Promise<Store>
  /** Opens an encrypted file, making it where there is none. PasswordWrong, StoreDamaged. */
  unlock(vault: string, password: Secret): Promise<void>
  /** Memory, and the encrypted files that are open. */
  opened(): Promise<Keyring[]>
}

/** `password` is the one of the daemon's own environment, if it has one. */
export function openKeyrings(options: { random: Random; password?: Secret | undefined }): Keyrings {
  const { random, password } = options
  const memory = memoryStore()
  const files = new Map<string, Promise<Store>>()
  /** Vaults that the daemon's own password does not open: the client's may. */
  const mistaken = new Set<string>()

  function openFile(path: string, secret: Secret): Promise<Store> {
    const opening = encryptedFileStore({ path, password: secret, random })
    files.set(path, opening)
    opening.catch(() => files.delete(path)) // so that the next password is tried
    return opening
  }

  return {
    async open(keyring) {
      if (keyring.type === 'memory') return memory
      const opened = files.get(keyring.vault)
      if (opened !== undefined) return opened
      if (password && !mistaken.has(keyring.vault)) {
        const opening = openFile(keyring.vault, password)
        if (await opens(opening)) return opening
        mistaken.add(keyring.vault)
      }
      throw new AuthError('PasswordRequired', `The keyring file ${keyring.vault} is locked.`, {
        hint: `Set ${keyring.passwordVariable ?? 'ATMOS_KEYRING_PASSWORD'}, or run \`atmosctl login\` in a terminal and type the password.`,
        details: { vault: keyring.vault, variable: keyring.passwordVariable },
      })
    },
    async unlock(vault, secret) {
      if (!(await files.get(vault)?.catch(() => undefined))) await openFile(vault, secret)
    },
    async opened() {
      await Promise.allSettled(files.values()) // a file that does not open takes itself off the list
      return [{ type: 'memory' }, ...[...files.keys()].map((vault) => ({ type: 'file' as const, vault }))]
    },
  }
}

/** False for a wrong password; other failures are thrown. */
async function opens(opening: Promise<Store>): Promise<boolean> {
  try {
    await opening
    return true
  } catch (error) {
    if (asAuthError(error).code === 'PasswordWrong') return false
    throw error
  }
}

export function secretOf(text: string | undefined): Secret | undefined {
  return text ? new Secret(text) : undefined
}
