/**
 * An address that carries its own signature (IAM User Guide, "Create a signed AWS API request", query string
 * parameters). Nothing is sent. Pure.
 */
import type { AwsCredential } from '../../shared/credential.ts'
import { sha256, signatureOf } from './sigv4.ts'

export interface Presigning {
  host: string
  /** Parameters of the request itself. */
  query: Readonly<Record<string, string>>
  /** Headers that whoever uses the address has to send too, by their names in lower case. */
  headers: Readonly<Record<string, string>>
  region: string
  service: string
  /** When it is signed, epoch milliseconds, and for how long it is good. */
  now: number
  seconds: number
}

/** `GET https://HOST/?…` with the signature as its last parameter. */
export function presigned(credential: AwsCredential, wanted: Presigning): string {
  const { host, region, service } = wanted
  const date = new Date(wanted.now).toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = [date.slice(0, 8), region, service, 'aws4_request']
  const headers = Object.entries({ host, ...wanted.headers }).sort(byName)
  const names = headers.map(([name]) => name).join(';')
  const query = encoded({
    ...wanted.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': [credential.accessKeyId, ...scope].join('/'),
    'X-Amz-Date': date,
    'X-Amz-Expires': String(wanted.seconds),
    'X-Amz-Security-Token': credential.sessionToken.reveal(),
    'X-Amz-SignedHeaders': names,
  })
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}\n`).join('')
  const request = ['GET', '/', query, lines, names, sha256('')].join('\n')
  const signature = signatureOf(credential, { date, scope, canonical: request })
  return `https://${host}/?${query}&X-Amz-Signature=${signature}`
}

/** Sorted by name, with all but RFC 3986's unreserved characters in percent. */
function encoded(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .sort(byName)
    .map(([name, value]) => `${percent(name)}=${percent(value)}`)
    .join('&')
}

function percent(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(text).replace(/[!'()*]/g, hex)
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1
}
