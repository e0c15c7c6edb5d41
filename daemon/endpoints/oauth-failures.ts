/** Failures in OAuth's words: RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 8693 section 2.2.2. */
import { AuthError, isTransient } from '../../shared/errors.ts'
import { endpointStatus, sentence } from './failures.ts'

/** What the asker did wrong; of everything else the failure's own code decides. */
export type Mistake =
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_token'
  | 'unsupported_grant_type'

export function mistake(error: Mistake, message: string, hint?: string): AuthError {
  return new AuthError('BadRequest', message, { hint, details: { error } })
}

export function oauthFailure(failure: AuthError, given?: number): { status: number; body: Buffer } {
  const made = failure.details?.error
  const status = given ?? (made === 'invalid_token' ? 401 : endpointStatus(failure))
  const error = made ?? usual(failure, status)
  return { status, body: Buffer.from(JSON.stringify({ error, error_description: sentence(failure) })) }
}

function usual(failure: AuthError, status: number): string {
  if (isTransient(failure)) return 'temporarily_unavailable'
  return status === 400 || status === 405 || status === 413 ? 'invalid_request' : 'access_denied'
}
