/** JSON Web Tokens with RS256, signed and checked by node:crypto (RFC 7515, RFC 7519). */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'

export interface KeyPair {
  publicKey: KeyObject
  privateKey: KeyObject
}

let made: KeyPair | undefined

/** The issuer's keys, made once a process. */
export function issuerKeys(): KeyPair {
  made ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
  return made
}

export function signedJwt(claims: Record<string, unknown>, { privateKey }: KeyPair = issuerKeys()): string {
  const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'sandbox' })}.${encoded(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

/** The claims of a token with a good signature; undefined for anything else. */
export function verifiedJwt(token: string): Record<string, unknown> | undefined {
  const [header = '', claims = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || read(header)?.alg !== 'RS256') return undefined
  const good = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    issuerKeys().publicKey,
    Buffer.from(signature, 'base64url'),
  )
  return good ? read(claims) : undefined
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function read(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    return undefined
  }
}
