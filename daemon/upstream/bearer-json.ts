/** One call of a JSON API that takes a bearer token: Azure's and Google Cloud's, where one call is too little for an SDK. */
import { AuthError, type FailureCode } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { type Answer, httpRequest } from './plain-http.ts'
import { pausing } from './retry-after.ts'
import { triedAgain } from './tries.ts'

export interface BearerCall {
  url: string
  method?: 'GET' | 'POST'
  /** Without one the call carries its proof in the body. */
  token?: Secret
  /** Of Google Cloud: whose quota counts, where the token is a person's. */
  quotaProject?: string | undefined
  /** A form. */
  body?: string
  /** Begins "… does not let you …". */
  whom: string
  /** Completes "… does not let you …". */
  what: string
  /** What to do where it is refused. */
  refused: string
  clock: Clock
  signal: AbortSignal
}

/** What was answered, as JSON; what will pass is tried again. CredentialRejected, AccessDenied, UpstreamInvalid, UpstreamThrottled, UpstreamUnavailable. */
export function bearerRequest(call: BearerCall): Promise<unknown> {
  return triedAgain(call, () => askedOnce(call))
}

async function askedOnce(call: BearerCall): Promise<unknown> {
  const { token, quotaProject, body, whom, what } = call
  const headers = {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    ...(quotaProject === undefined ? {} : { 'x-goog-user-project': quotaProject }),
    ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(call.method === 'POST' && body === undefined ? { 'content-length': '0' } : {}),
  }
  const answer = await httpRequest({ ...call, headers })
  if (answer.status === 200) return jsonOf(answer.text, whom, what)
  throw refusal(answer, call)
}

function jsonOf(text: string, whom: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AuthError(
      'UpstreamUnavailable',
      `${whom} was asked to ${what} and answered with nothing usable.`,
    )
  }
}

function refusal({ status, text, retryAfterSeconds }: Answer, call: BearerCall): AuthError {
  const { whom, what, refused } = call
  const said = reasonIn(text)
  const more = said === undefined ? '' : `: ${said}`
  if (status === 403)
    return new AuthError('AccessDenied', `${whom} does not let you ${what}${more}`, { hint: refused })
  const code: FailureCode =
    status === 401
      ? 'CredentialRejected'
      : status === 429
        ? 'UpstreamThrottled'
        : status >= 500
          ? 'UpstreamUnavailable'
          : 'UpstreamInvalid'
  return new AuthError(code, `${whom} did not ${what} (${status})${more}`, pausing(retryAfterSeconds))
}

/** `{ error: { message } }` as both clouds have it, or the registry's `{ errors: [{ message }] }`; one line of it. */
function reasonIn(text: string): string | undefined {
  try {
    const { error, errors } = JSON.parse(text) as {
      error?: { message?: unknown }
      errors?: { message?: unknown }[]
    }
    const message = error?.message ?? errors?.[0]?.message
    return typeof message === 'string' ? printable(message, 200) : undefined
  } catch {
    return undefined
  }
}
