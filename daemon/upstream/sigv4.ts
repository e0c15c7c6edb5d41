/** AWS Signature Version 4 of a request with its body in hand (IAM User Guide, "Create a signed AWS API request"). Pure. */
import { createHash, createHmac } from 'node:crypto'
import type { AwsCredential } from '../../shared/credential.ts'

export interface Unsigned {
  method: string
  /** With the path and the query as they will be sent; the query is empty. */
  url: URL
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: string
}

export interface Signing {
  keys: Pick<AwsCredential, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>
  service: string
  region: string
  /** Epoch milliseconds. */
  now: number
}

/** The headers of the request with those that sign it. */
export function signed(request: Unsigned, { keys, service, region, now }: Signing): Record<string, string> {
  const date = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [date.slice(0, 8), region, service, 'aws4_request']
  const security = keys.sessionToken.reveal()
  const headers = { ...request.headers, 'x-amz-date': date, 'x-amz-security-token': security }
  const covered = Object.entries({ ...headers, host: request.url.host }).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = covered.map(([name]) => name).join(';')
  const lines = covered.map(([name, value]) => `${name}:${value.trim()}\n`).join('')
  const canonical = [request.method, request.url.pathname, '', lines, names, sha256(request.body)].join('\n')
  const signature = signatureOf(keys, { date, scope, canonical })
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`
  return { ...headers, authorization }
}

/** The signature of a canonical request, in hex. */
export function signatureOf(
  { secretAccessKey }: Pick<AwsCredential, 'secretAccessKey'>,
  { date, scope, canonical }: { date: string; scope: readonly string[]; canonical: string },
): string {
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  const start = `AWS4${secretAccessKey.reveal()}`
  return hmac(scope.reduce<Buffer | string>(hmac, start), text).toString('hex')
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
