/** OAuth 2.0 authorization code grant with PKCE (RFC 7636) at IAM Identity Center, for a native app (RFC 8252). */
import { createHash } from 'node:crypto'
import type { AwsSsoToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { awaitCallback } from '../system/callback.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { processToken, registerClientRequest, SCOPE, type SsoOidc, tokenRequest } from './sso-oidc.ts'

const CALLBACK_PATH = '/oauth/callback'
/** How long a human may take in the browser. */
const WAIT_MS = 10 * 60_000

export interface AuthorizationCode {
  clock: Clock
  random: Random
  prompt: {
    browser(shown: { address: string; expiresAt: number }): void
  }
}

/** Sends the browser to the portal and waits for it to come back to a listener of ours with a code. */
export async function codeLogin(
  at: SsoOidc,
  { clock, random, prompt }: AuthorizationCode,
): Promise<AwsSsoToken> {
  const client = await registerClientRequest(at, 'code')
  const state = random.token(32)
  const codeVerifier = random.token(48) // 64 characters; RFC 7636 section 4.1 allows 43 to 128
  const expiresAt = clock.now() + WAIT_MS
  await using callback = await awaitCallback({
    path: CALLBACK_PATH,
    state,
    waitMs: WAIT_MS,
    clock,
    signal: at.signal,
  })
  const redirectUri = `http://127.0.0.1:${callback.port}${CALLBACK_PATH}`
  prompt.browser({
    address: authorizeUrl(at, { clientId: client.clientId, redirectUri, state, codeVerifier }),
    expiresAt,
  })
  const code = processCallback(await callback.parameters)
  const answer = await tokenRequest(at, client, {
    grantType: 'authorization_code',
    code,
    redirectUri,
    codeVerifier,
  })
  if (typeof answer === 'string')
    throw new AuthError('UpstreamInvalid', `AWS answered "${answer}" to a code.`)
  return processToken(at, answer, client, clock.now())
}

/** The address at which the human decides. AWS spells the parameter `scopes`, unlike RFC 6749. */
export function authorizeUrl(
  at: Pick<SsoOidc, 'region' | 'endpoint'>,
  request: { clientId: string; redirectUri: string; state: string; codeVerifier: string },
): string {
  const url = new URL('/authorize', at.endpoint ?? `https://oidc.${at.region}.amazonaws.com`)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(request.codeVerifier).digest('base64url'),
    scopes: SCOPE,
  }).toString()
  return url.href
}

function processCallback(parameters: URLSearchParams | undefined): string {
  if (!parameters) throw new AuthError('LoginExpired', 'Nobody finished the sign-in in the browser in time.')
  const code = parameters.get('code')
  if (code) return code
  throw new AuthError(
    'LoginRefused',
    `The sign-in was refused in the browser (${parameters.get('error') ?? 'no code'}).`,
  )
}
