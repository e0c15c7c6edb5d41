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
  const day = date.slice(0, 8)
  const scope = [day, region, service, 'aws4_request'].join('/')
  const security = keys.sessionToken.reveal()
  const headers = { ...request.headers, 'x-amz-date': date, 'x-amz-security-token': security }
  const covered = Object.entries({ ...headers, host: request.url.host }).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = covered.map(([name]) => name).join(';')
  const canonical = [
    request.method,
    request.url.pathname,
    '',
    covered.map(([name, value]) => `${name}:${value.trim()}\n`).join(''),
    names,
    sha256(request.body),
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  const start = `AWS4${keys.secretAccessKey.reveal()}`
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(hmac, start)
  const signature = hmac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { ...headers, authorization }
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
