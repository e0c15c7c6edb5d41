/** AWS Signature Version 4 from the verifying side (IAM User Guide, "Create a signed AWS API request"). */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Key, State } from './state.ts'
import { type Asked, Refused } from './wire.ts'

const MOST_SKEW_MS = 15 * 60_000

/** The key that signed the request; throws the error that AWS would answer. */
export function verifySignature(state: State, asked: Asked, service: string): { id: string; key: Key } {
  const { id, scope, signedHeaders, signature, session, date, seconds } = authorization(asked)
  const key = state.keys.get(id)
  if (!key)
    throw new Refused(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
  if (key.session !== session) {
    throw new Refused(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
  }
  const [day = '', region = '', scopeService, ending] = scope
  if (scopeService !== service || ending !== 'aws4_request' || !date.startsWith(day)) throw mismatch()
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical(asked, signedHeaders))].join('\n')
  const signing = [day, region, service, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${key.secret}`)
  if (!same(hmac(signing, text).toString('hex'), signature)) throw mismatch()
  const age = state.now() - instant(date)
  if (Math.abs(age) > MOST_SKEW_MS || age > seconds * 1000)
    throw new Refused(403, 'SignatureDoesNotMatch', 'Signature expired.')
  if (state.now() >= key.expiresAt)
    throw new Refused(403, 'ExpiredToken', 'The security token included in the request is expired')
  return { id, key }
}

function authorization({ headers, query }: Asked) {
  if (query.has('X-Amz-Signature')) return presigned(query)
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
  const [, id, scope, signed, signature] = pattern.exec(headers.authorization ?? '') ?? []
  if (!id || !scope || !signed || !signature) {
    throw new Refused(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token')
  }
  const session = headers['x-amz-security-token']
  const date = headers['x-amz-date'] ?? ''
  const seconds = MOST_SKEW_MS / 1000
  return { id, scope: scope.split('/'), signedHeaders: signed.split(';'), signature, session, date, seconds }
}

/** An address that carries its own signature. */
function presigned(query: URLSearchParams) {
  const given = (name: string) => query.get(`X-Amz-${name}`) ?? ''
  const [id = '', ...scope] = given('Credential').split('/')
  const signedHeaders = given('SignedHeaders').split(';')
  const session = given('Security-Token') || undefined
  const seconds = Number(given('Expires'))
  return { id, scope, signedHeaders, signature: given('Signature'), session, date: given('Date'), seconds }
}

function canonical({ method, path, query, headers, body }: Asked, signedHeaders: readonly string[]): string {
  const signed = [...query].filter(([name]) => name !== 'X-Amz-Signature')
  const pairs = signed.map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const lines = signedHeaders
    .map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`)
    .join('')
  return [method, path, pairs.join('&'), lines, signedHeaders.join(';'), sha256(body)].join('\n')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function instant(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

function mismatch(): Refused {
  return new Refused(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
  )
}
