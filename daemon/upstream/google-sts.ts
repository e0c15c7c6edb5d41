/**
 * Google's Security Token Service: a token of another issuer for one of Google (RFC 8693). Asked by us and not through
 * google-auth-library, whose client for it brings a transport of its own that cannot be replaced: one with retries,
 * with the proxy of this process's environment, and without a bound on an answer's size.
 */
import type { GcpToken } from '../../shared/credential.ts'
import type { Secret } from '../../shared/secret.ts'
import { type Google, googleRequest } from './google-http.ts'
import { processToken } from './google-token.ts'

export interface Subject {
  token: Secret
  /** Such as `urn:ietf:params:oauth:token-type:jwt`. */
  type: string
}

export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt'
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token'
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** A token of the workload for `scopes`; `audience` is the provider's full name in its pool. */
export async function exchangeRequest(
  at: Google,
  audience: string,
  { token, type }: Subject,
  scopes: readonly string[],
): Promise<GcpToken> {
  const what = 'take the token of the workload'
  const form = new URLSearchParams({
    grant_type: GRANT_TYPE,
    audience,
    scope: scopes.join(' '),
    requested_token_type: ACCESS_TOKEN_TYPE,
    subject_token: token.reveal(),
    subject_token_type: type,
  })
  const hints = {
    CredentialRejected: 'Compare its issuer, audience and end with what the provider of the pool takes.',
    AccessDenied: 'Its claims have to meet the attribute condition of the provider in the pool.',
    UpstreamInvalid: `Look whether the pool and the provider are there: ${audience}.`,
  }
  const body = await googleRequest(at, { service: 'sts', path: '/v1/token', form, what, hints })
  return processToken(body, at.clock.now(), what)
}
