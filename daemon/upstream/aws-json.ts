/** One signed call of an AWS service that speaks JSON, where too few are needed for an SDK client of its own. */
import type { AwsCredential } from '../../shared/credential.ts'
import type { Clock } from '../system/clock.ts'
import { fromAws } from './aws-faults.ts'
import { type Answer, httpRequest } from './plain-http.ts'
import { type Signing, signed, type Unsigned } from './sigv4.ts'
import { triedAgain } from './tries.ts'

/** Who calls, and how: the same for each call of a service. */
export interface AwsCall {
  keys: AwsCredential
  clock: Clock
  signal: AbortSignal
}

interface Call extends Omit<Unsigned, 'method'>, Pick<Signing, 'service' | 'region'> {
  method: 'GET' | 'POST'
  /** Completes "AWS refused to …". */
  what: string
}

/** The answer's JSON, or an empty object where it is none. What will pass is tried again, with a new signature. */
export function signedRequest(at: AwsCall, call: Call): Promise<object> {
  return triedAgain(at, () => signedOnce(at, call))
}

async function signedOnce({ keys, clock, signal }: AwsCall, call: Call): Promise<object> {
  const { service, region, url, method, body, what } = call
  const headers = signed(call, { keys, service, region, now: clock.now() })
  const sent = body === '' ? {} : { body }
  return processJson(
    await httpRequest({ url: url.href, method, headers, ...sent, whom: 'AWS', what, clock, signal }),
    what,
  )
}

/** What an answer says, or its error under the name that AWS gives it (AWS JSON and REST-JSON protocols). */
export function processJson({ status, text, errorType }: Answer, what: string): object {
  const body = objectIn(text)
  if (status === 200) return body
  const { message, Message, __type: type } = body
  // Either may have a namespace before it and an address after it.
  const name = (errorType ?? type ?? 'Error').replace(/^.*#|:.*$/g, '')
  const said = new Error(message ?? Message ?? `it answered ${status}`)
  throw fromAws(Object.assign(said, { name, $metadata: { httpStatusCode: status } }), what)
}

function objectIn(text: string): Record<string, string> {
  try {
    return (JSON.parse(text) as Record<string, string> | null) ?? {}
  } catch {
    return {}
  }
}
