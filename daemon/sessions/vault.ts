/** The vault as a file: its shape, and how it is opened and made. */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { AuthError } from '../../shared/errors.ts'
import type { Random } from '../system/random.ts'
import { cost, KEY_BYTES, passwordKey, seal, unseal } from './sealing.ts'

const KEY_PLACE = 'atmosd/vault/1/key'
const SALT_BYTES = 16
const LEAST_PASSWORD = 8

const shape = z.object({
  version: z.literal(1),
  password: z.object({ ...literals(cost), salt: z.base64() }),
  key: z.base64(),
  /** Digest of the two above, so that damage is told from a wrong password. */
  check: z.string(),
  records: z.record(z.string(), z.base64()),
})
export type VaultFile = z.infer<typeof shape>

export interface OpenVault {
  file: VaultFile
  dataKey: Buffer
}

/** A new, empty vault behind a password. */
export async function createVault(password: string, random: Random): Promise<OpenVault> {
  if (password.length < LEAST_PASSWORD) {
    throw new AuthError(
      'PasswordWrong',
      `The keyring password has fewer than ${LEAST_PASSWORD} characters.`,
      {
        hint: 'Choose a longer one; it protects your sessions.',
      },
    )
  }
  const salt = random.bytes(SALT_BYTES)
  const dataKey = random.bytes(KEY_BYTES)
  const head = {
    password: { ...cost, salt: salt.toString('base64') },
    key: seal(await passwordKey(password, salt), dataKey, KEY_PLACE, random),
  }
  return { dataKey, file: { version: 1, ...head, check: checksum(head), records: {} } }
}

/** Opens the bytes of a vault. PasswordWrong, or StoreDamaged where no password would do. */
export async function openVault(bytes: string, password: string, path: string): Promise<OpenVault> {
  const file = parseVault(bytes, path)
  const key = await passwordKey(password, Buffer.from(file.password.salt, 'base64'))
  const dataKey = unseal(key, file.key, KEY_PLACE)
  if (dataKey) return { file, dataKey }
  throw new AuthError('PasswordWrong', `The password does not open the keyring file ${path}.`, {
    hint: 'Set ATMOS_KEYRING_PASSWORD to the right one. If it is lost, remove the file and sign in again.',
  })
}

function parseVault(bytes: string, path: string): VaultFile {
  const { data: file, error } = shape.safeParse(safeJson(bytes))
  if (file && file.check === checksum(file)) return file
  throw new AuthError('StoreDamaged', `The keyring file ${path} is damaged.`, {
    hint: 'Restore it from a backup, or move it away and sign in again.',
    cause: error,
  })
}

function checksum({ password, key }: Pick<VaultFile, 'password' | 'key'>): string {
  return createHash('sha256')
    .update(`${JSON.stringify(Object.entries(password).sort())} ${key}`)
    .digest('hex')
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The cost is fixed for version 1: a file cannot ask for a cheaper one. */
function literals({ algorithm, memory, passes, parallelism }: typeof cost) {
  return {
    algorithm: z.literal(algorithm),
    memory: z.literal(memory),
    passes: z.literal(passes),
    parallelism: z.literal(parallelism),
  }
}
