/** The two values of the metadata that are made for who asks: an access token, and one that says who the account is. */
import { AuthError, asAuthError, isTransient } from '../../shared/errors.ts'
import type { Want } from '../../shared/want.ts'
import type { Grant } from '../grants/grant.ts'
import type { TokenSource } from '../operations/tokens.ts'
import type { Times } from '../sessions/session.ts'
import { type Answer, answerOf } from './gce-metadata-answer.ts'
import { areScopes, scopesBeyond } from './google-scopes.ts'
import { accessTokenOf, tooMany } from './google-token.ts'

/** Node's client waits three seconds, Go's five in all with its tries. */
export const PATIENCE_MS = 700
/** gcloud asks for one at every renewal and gives up for good on 503: this one is worth waiting for. */
const IDENTITY_PATIENCE_MS = 2_500
const LONGEST_AUDIENCE = 2_048

type Source = TokenSource & { clock: Times }

/** 403 where the identity gives no token of these scopes alone. */
export async function tokenAnswer(
  source: Source,
  grant: Grant,
  parameters: URLSearchParams,
): Promise<Answer> {
  const names = parameters.getAll('scopes').flatMap((list) => list.split(/[, ]/))
  const asked = names.filter((name) => name !== '')
  if (!areScopes(asked)) throw new AuthError('BadRequest', 'These scopes are none.')
  const scopes = scopesBeyond(asked)
  const session = await wanted(source, grant, scopes && { scopes }, PATIENCE_MS, 'AccessDenied')
  const { token, seconds } = accessTokenOf(session, source.clock)
  const body = JSON.stringify({ access_token: token, expires_in: seconds, token_type: 'Bearer' })
  return answerOf('application/json', body, token)
}

/** 404 where there is none: on 403 gcloud would say that the metadata server is concealed, and do nothing at all. */
export async function identityAnswer(
  source: Source,
  grant: Grant,
  parameters: URLSearchParams,
): Promise<Answer> {
  const audience = parameters.get('audience') ?? ''
  if (audience === '') throw new AuthError('BadRequest', 'non-empty audience parameter required')
  if (audience.length > LONGEST_AUDIENCE) throw new AuthError('BadRequest', 'The audience is too long.')
  const { credential } = await wanted(source, grant, { audience }, IDENTITY_PATIENCE_MS, 'NotFound')
  if (credential.type !== 'oidc-token') throw new AuthError('NotFound', 'There are no identity tokens.')
  return answerOf('text/html', credential.token.reveal())
}

/** The session of what is wanted; what no asking again will give is refused as `no`. */
async function wanted(
  source: Source,
  grant: Grant,
  want: Want | undefined,
  patienceMs: number,
  no: 'AccessDenied' | 'NotFound',
) {
  if (want && !source.mayWant(grant, want)) throw tooMany()
  try {
    return await source.session(grant, want, patienceMs)
  } catch (error) {
    const failure = asAuthError(error)
    if (!want || isTransient(failure)) throw failure
    throw new AuthError(no, failure.message, { hint: failure.hint, cause: failure })
  }
}
