/** The one place where a refusal of Google's becomes a failure of ours. */
import { AuthError, type FailureCode } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import type { Answer } from './plain-http.ts'
import { pausing } from './retry-after.ts'

interface About {
  /** Completes "Google refused to …". */
  what: string
  hints?: Partial<Record<FailureCode, string>>
}

/** Names of OAuth (RFC 6749 §5.2, RFC 8693 §2.2.2) and of Google's APIs (google.rpc.Code), where the status says less. */
const codes: Readonly<Record<string, FailureCode>> = {
  invalid_grant: 'CredentialRejected',
  invalid_client: 'CredentialRejected',
  deleted_client: 'CredentialRejected',
  unauthorized_client: 'AccessDenied',
  access_denied: 'AccessDenied',
  invalid_scope: 'AccessDenied',
  UNAUTHENTICATED: 'CredentialRejected',
  PERMISSION_DENIED: 'AccessDenied',
  RESOURCE_EXHAUSTED: 'UpstreamThrottled',
}
/** Sign-ins that an administrator lets end have to be done again by the person (reauthentication, "RAPT"). */
const REAUTH = /invalid_rapt|rapt_required/

/** What an answer other than 200 means. */
export function refusalOf({ status, text, retryAfterSeconds }: Answer, about: About): AuthError {
  const { what, hints = {} } = about
  const { name, said } = saidIn(text)
  const code = status >= 500 ? 'UpstreamUnavailable' : (codes[name] ?? byStatus(status))
  return new AuthError(code, messageOf(code, status, what, { name, said }), {
    hint: hints[code] ?? (status === 404 ? hints.UpstreamInvalid : undefined),
    ...pausing(retryAfterSeconds),
  })
}

/** An answer of 200 with nothing in it that was asked for. */
export function unusable(what: string): AuthError {
  return new AuthError('UpstreamUnavailable', `Google was asked to ${what} and answered with nothing usable.`)
}

function byStatus(status: number): FailureCode {
  if (status === 401) return 'CredentialRejected'
  if (status === 403) return 'AccessDenied'
  return status === 429 ? 'UpstreamThrottled' : 'UpstreamInvalid'
}

function messageOf(code: FailureCode, status: number, what: string, { name, said }: Said): string {
  if (code === 'UpstreamUnavailable') return `Google could not be reached to ${what}: it answered ${status}.`
  if (status >= 300 && status < 400)
    return `Google refused to ${what}: it redirects (${status}), which is not followed.`
  if (REAUTH.test(said)) return `Google refused to ${what}: it asks the person to sign in again (${said}).`
  return `Google refused to ${what}: ${[name || status, said].filter(Boolean).join(': ')}`
}

interface Said {
  name: string
  said: string
}

/** OAuth: `{error, error_description, error_subtype}`; APIs: `{error: {status, message}}`. */
function saidIn(text: string): Said {
  try {
    const body = JSON.parse(text) as Record<string, unknown>
    const { error, error_description, error_subtype } = body
    if (typeof error === 'string')
      return { name: line(error), said: line(error_description ?? error_subtype) }
    const { status, message } = (error ?? {}) as Record<string, unknown>
    return { name: line(status), said: line(message) }
  } catch {
    return { name: '', said: '' }
  }
}

function line(value: unknown): string {
  return typeof value === 'string' ? printable(value, 300) : ''
}
