/** Authorization code grant at IAM Identity Center. */
import type { AwsSsoToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { type Asking, type Authorization, challengeOf, codeFromBrowser } from './authorization-code.ts'
import { processToken, registerClientRequest, SCOPE, type SsoOidc, tokenRequest } from './sso-oidc.ts'

/** Sends the browser to the portal, and asks for a token with the code that it comes back with. */
export async function codeLogin(at: SsoOidc, { clock, random, prompt }: Asking): Promise<AwsSsoToken> {
  const client = await registerClientRequest(at, 'code')
  const given = await codeFromBrowser({ clock, random, prompt, signal: at.signal }, (request) =>
    authorizeUrl(at, { clientId: client.clientId, ...request }),
  )
  const answer = await tokenRequest(at, client, { grantType: 'authorization_code', ...given })
  if (typeof answer === 'string')
    throw new AuthError('UpstreamInvalid', `AWS answered "${answer}" to a code.`)
  return processToken(at, answer, client, clock.now())
}

/** The address at which the human decides. AWS spells the parameter `scopes`, unlike RFC 6749. */
export function authorizeUrl(
  at: Pick<SsoOidc, 'region' | 'endpoint'>,
  request: Authorization & { clientId: string },
): string {
  const url = new URL('/authorize', at.endpoint ?? `https://oidc.${at.region}.amazonaws.com`)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge_method: 'S256',
    code_challenge: challengeOf(request.codeVerifier),
    scopes: SCOPE,
  }).toString()
  return url.href
}
