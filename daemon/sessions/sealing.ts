/**
 * Cryptography of the vault file. A random data key encrypts the records; a key from the password (argon2id,
 * RFC 9106) encrypts the data key. AES-256-GCM throughout, each text bound to its place as associated data.
 */
import { argon2, createCipheriv, createDecipheriv } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '../system/random.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const KEY_BYTES = 32

/** Cost of one guess at the password. `memory` in KiB. */
export const cost = { algorithm: 'argon2id', memory: 65_536, passes: 3, parallelism: 4 } as const

export async function passwordKey(password: string, salt: Buffer): Promise<Buffer> {
  const { algorithm, memory, passes, parallelism } = cost
  const derive = promisify(argon2)
  const parameters = { message: password, nonce: salt, memory, passes, parallelism, tagLength: KEY_BYTES }
  return derive(algorithm, parameters) as Promise<Buffer>
}

/** `nonce | ciphertext | tag` in base64. */
export function seal(key: Buffer, plain: string | Buffer, place: string, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(
    Buffer.from(place),
  )
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

/** What was sealed at that place with that key; undefined when it was not, or was changed. */
export function unseal(key: Buffer, sealed: string, place: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const end = bytes.length - TAG_BYTES
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(end))
  try {
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES, end)), cipher.final()])
  } catch {
    return undefined
  }
}
