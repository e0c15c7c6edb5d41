/** The one place where what Entra ID refuses becomes a failure of ours. Pure. */
import { AuthError, type FailureCode } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import type { Occasion } from './entra.ts'
import { type Meaning, meanings } from './entra-codes.ts'
import type { Answer } from './plain-http.ts'
import { pausing } from './retry-after.ts'

/** RFC 6749 section 5.2, with what Entra ID adds. */
interface Refusal {
  error: string
  error_description?: unknown
  error_codes?: unknown
  claims?: unknown
}

/** RFC 8628 section 3.5, some of it in Entra ID's own words. */
const decisions: Readonly<Record<string, Meaning>> = {
  authorization_pending: { code: 'LoginExpired', says: 'the code expired before it was confirmed' },
  expired_token: { code: 'LoginExpired', says: 'the code expired before it was confirmed' },
  code_expired: { code: 'LoginExpired', says: 'the code expired before it was confirmed' },
  bad_verification_code: { code: 'LoginExpired', says: 'the code is no longer known' },
  authorization_declined: { code: 'LoginRefused', says: 'the sign-in was refused in the browser' },
  access_denied: { code: 'LoginRefused', says: 'the sign-in was refused in the browser' },
}
const passing = new Set(['temporarily_unavailable', 'server_error'])
/** What a sign-in cures. */
const ended = new Set(['invalid_grant', 'interaction_required', 'login_required'])

/** Undefined for an answer that refuses nothing. */
export function processRefusal(answer: Answer, occasion: Occasion): AuthError | undefined {
  const { status, text, retryAfterSeconds } = answer
  if (status === 429) return throttled(retryAfterSeconds)
  if (status >= 500)
    return new AuthError(
      'UpstreamUnavailable',
      `Entra ID gave no token: it answered ${status}.`,
      pausing(retryAfterSeconds),
    )
  const refusal = refusalIn(text)
  if (refusal) return processRefused(refusal, occasion)
  if (status < 300) return undefined
  const what = status < 400 ? 'it redirects, which is not followed' : `it answered ${status}`
  return new AuthError('UpstreamInvalid', `Entra ID gave no token: ${what}.`, {
    hint: 'Check the address in spec.endpoints.login, or a proxy on the way.',
  })
}

/** An error as the token endpoint or the browser brings it. */
export function processRefused(refusal: Refusal, occasion: Occasion): AuthError {
  const number = numberOf(refusal)
  const meaning = decisions[refusal.error] ?? (number === undefined ? undefined : meanings[number])
  const code = codeFor(refusal, meaning, occasion)
  const known = number === undefined ? refusal.error : `AADSTS${number}`
  const says = meaning ? `${meaning.says} (${known})` : describedBy(refusal)
  const message = `${beginning(occasion, code)}: ${says}.${policyIn(refusal.claims)}`
  return new AuthError(code, message, { hint: meaning?.hint })
}

function beginning(occasion: Occasion, code: FailureCode): string {
  return occasion === 'renewal' && code === 'LoginRequired'
    ? 'The sign-in to Entra ID can no longer be renewed'
    : 'Entra ID gave no token'
}

function codeFor({ error }: Refusal, meaning: Meaning | undefined, occasion: Occasion): FailureCode {
  if (passing.has(error)) return 'UpstreamUnavailable'
  if (occasion === 'renewal') return meaning?.renewing ?? meaning?.code ?? orElse(ended.has(error))
  const code = meaning?.code ?? 'UpstreamInvalid'
  if (code !== 'LoginRequired') return code
  return occasion === 'sign-in' ? 'LoginRefused' : 'AccessDenied' // no sign-in would cure it
}

function orElse(isOver: boolean): FailureCode {
  return isOver ? 'LoginRequired' : 'UpstreamInvalid'
}

/** The text of an error has the number too, and its list is not always there. */
function numberOf({ error_codes, error_description }: Refusal): number | undefined {
  const listed: unknown[] = Array.isArray(error_codes) ? error_codes : []
  const told = /AADSTS(\d{4,8})/.exec(String(error_description))?.[1]
  const numbers = [...listed, told].map(Number).filter((number) => Number.isInteger(number))
  return numbers.find((number) => number in meanings) ?? numbers[0]
}

/** Its first sentences: numbers for Microsoft's own logs follow. */
function describedBy({ error, error_description }: Refusal): string {
  const [said = ''] = String(error_description ?? error).split(/\r?\n|\s+Trace ID:/, 1)
  return printable(said, 300).replace(/\.$/, '') || error
}

/** A claims challenge, in words: which sign-in would do. */
function policyIn(claims: unknown): string {
  const wanted = typeof claims === 'string' ? objectIn(claims)?.access_token : undefined
  if (typeof wanted !== 'object' || wanted === null) return ''
  if ('capolids' in wanted) return ' A Conditional Access policy asks for it.'
  if ('acrs' in wanted) return ' What is asked for needs a stronger sign-in.'
  return ''
}

function throttled(retryAfterSeconds: number | undefined): AuthError {
  const when =
    retryAfterSeconds === undefined ? '' : `; it wants ${retryAfterSeconds} seconds without a question`
  const message = `Entra ID gave no token: it was asked too often${when}.`
  return new AuthError('UpstreamThrottled', message, pausing(retryAfterSeconds))
}

function refusalIn(text: string): Refusal | undefined {
  const found = objectIn(text)
  return typeof found?.error === 'string' ? (found as unknown as Refusal) : undefined
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
