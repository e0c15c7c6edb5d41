/** The exchange of a subject token for an access token: RFC 8693 section 2, as Google's libraries ask for it. */
import { type AuthError, asAuthError, isTransient } from '../../shared/errors.ts'
import { isPoolAudience, SUBJECT_TOKEN_TYPE } from '../../shared/external-account.ts'
import type { Grant } from '../grants/grant.ts'
import type { Passes } from '../grants/passes.ts'
import type { TokenSource } from '../operations/tokens.ts'
import type { Session } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'
import { areScopes, scopesBeyond } from './google-scopes.ts'
import { accessTokenOf, tooMany } from './google-token.ts'
import { mistake } from './oauth-failures.ts'

export interface ExchangeParts extends TokenSource {
  isLive(grant: Grant): boolean
  clock: Clock
  /** Subject tokens, each of which is exchanged once. */
  subjects: Passes
  /** Access tokens that were handed out. */
  tokens: Passes
}

/** Between the two requests of a library lies nothing but its own work. */
export const SUBJECT_LIFE_MS = 300_000
/** No library asks again after 503, and none gives up sooner. */
const PATIENCE_MS = 10_000
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** The answer to a form. Each subject token is good for one. */
export async function exchange(parts: ExchangeParts, id: string, form: URLSearchParams) {
  const scopes = soundScopes(form)
  const subject = form.get('subject_token') ?? ''
  const grant = parts.subjects.take(id, subject)
  if (!grant || !parts.isLive(grant)) throw unknownSubject()
  grant.lastUsedAt = parts.clock.now()
  try {
    const session = await sessionFor(parts, grant, scopes)
    const { token, seconds } = accessTokenOf(session, parts.clock)
    parts.tokens.note(grant, token, seconds * 1000)
    return { access_token: token, issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', expires_in: seconds }
  } catch (error) {
    // It was good for nothing: whoever asks again is to find it so.
    if (isTransient(asAuthError(error))) parts.subjects.note(grant, subject, SUBJECT_LIFE_MS)
    throw error
  }
}

/** The scopes of a form that is sound in all else. */
function soundScopes(form: URLSearchParams): readonly string[] {
  const only = (name: string) => {
    const values = form.getAll(name)
    if (values.length > 1) throw mistake('invalid_request', `The form has more than one ${name}.`)
    return values[0] || undefined
  }
  const type = only('grant_type')
  if (!type) throw mistake('invalid_request', 'The form has no grant_type.')
  if (type !== GRANT_TYPE) throw mistake('unsupported_grant_type', `The grant_type is not ${GRANT_TYPE}.`)
  if (!only('subject_token')) throw mistake('invalid_request', 'The form has no subject_token.')
  if (only('subject_token_type') !== SUBJECT_TOKEN_TYPE)
    throw mistake('invalid_request', `The subject_token_type is not ${SUBJECT_TOKEN_TYPE}.`)
  if ((only('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN)
    throw mistake('invalid_request', 'Access tokens alone are given here.')
  if (!isPoolAudience(only('audience') ?? ''))
    throw mistake('invalid_target', 'The audience is not the one of the credential file.')
  const scopes = (only('scope') ?? '').split(' ').filter((name) => name !== '')
  if (!areScopes(scopes)) throw mistake('invalid_scope', 'These scopes are none.')
  return scopes
}

async function sessionFor(parts: ExchangeParts, grant: Grant, names: readonly string[]): Promise<Session> {
  const scopes = scopesBeyond(names)
  const want = scopes && { scopes }
  if (want && !parts.mayWant(grant, want)) throw tooMany()
  try {
    return await parts.session(grant, want, PATIENCE_MS)
  } catch (error) {
    const { code, message, hint } = asAuthError(error)
    throw want && code === 'BadRequest' ? mistake('invalid_scope', message, hint) : error
  }
}

function unknownSubject(): AuthError {
  return mistake(
    'invalid_grant',
    'The subject token is unknown, used or over.',
    'Run the tool again under `atmosctl exec`.',
  )
}
