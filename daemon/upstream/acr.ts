/** Azure Container Registry: the token with which Docker signs in (Azure/acr, docs/AAD-OAuth.md). */
import type { RegistryToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { bearerRequest } from './bearer-json.ts'
import { expiryOf } from './jwt-claims.ts'

/** Says that the password is a token of the registry's. */
const USERNAME = '00000000-0000-0000-0000-000000000000'

export interface Acr {
  /** The registry's host. */
  host: string
  /** Where to ask in its place. */
  endpoint: string | undefined
  /** Id or domain of the tenant. */
  tenant: string | undefined
  /** For Azure Resource Manager. */
  accessToken: Secret
  clock: Clock
  signal: AbortSignal
}

/** A refresh token of the registry's, good for three hours, for an access token of Entra ID's. */
export async function acrTokenRequest(at: Acr): Promise<RegistryToken> {
  const { host, endpoint, tenant, accessToken, clock, signal } = at
  const form = new URLSearchParams({
    grant_type: 'access_token',
    service: host,
    ...(tenant === undefined ? {} : { tenant }),
    access_token: accessToken.reveal(),
  })
  const answer = await bearerRequest({
    url: `${(endpoint ?? `https://${host}`).replace(/\/+$/, '')}/oauth2/exchange`,
    method: 'POST',
    body: form.toString(),
    whom: host,
    what: 'sign in',
    refused: 'Ask for the role AcrPull, or AcrPush, on the registry.',
    clock,
    signal,
  })
  return processToken(host, (answer as { refresh_token?: unknown } | null)?.refresh_token)
}

/** The registry's token, which is a JWT. UpstreamUnavailable where it is none. */
export function processToken(host: string, token: unknown): RegistryToken {
  const expiresAt = typeof token === 'string' ? expiryOf(token) : undefined
  if (typeof token !== 'string' || expiresAt === undefined)
    throw new AuthError('UpstreamUnavailable', `${host} answered with no token.`)
  return { type: 'registry-token', username: USERNAME, token: new Secret(token), expiresAt }
}
