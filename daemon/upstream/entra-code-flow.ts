/** Authorization code grant with PKCE (RFC 7636) at Entra ID, for a native app (RFC 8252). */
import { createHash } from 'node:crypto'
import type { AzureToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { awaitCallback } from '../system/callback.ts'
import type { Random } from '../system/random.ts'
import type { Entra } from './entra.ts'
import { withCache } from './entra-cache.ts'
import { processRefused } from './entra-faults.ts'
import { type SdkOptions, withSdk } from './entra-sdk.ts'
import { azureToken } from './entra-token.ts'

/** How long a person may take in the browser. */
const WAIT_MS = 10 * 60_000
/** Besides the wanted ones: who signed in, and a refresh token. */
const OPENID = ['openid', 'profile', 'offline_access']

export interface BrowserSignIn {
  random: Random
  prompt: { browser(shown: { address: string; expiresAt: number }): void }
}

interface Request {
  redirectUri: string
  state: string
  codeVerifier: string
}

/** Sends the browser to Entra ID and waits for it to come back to a listener of ours with a code. */
export async function entraCodeLogin(entra: Entra, { random, prompt }: BrowserSignIn): Promise<AzureToken> {
  const { clock, signal } = entra
  const [state, codeVerifier] = [random.token(32), random.token(48)] // RFC 7636 section 4.1: 43 to 128 characters
  // What applications have registered is http://localhost; a request adds a port, and may change nothing else of it.
  const host = 'localhost'
  await using callback = await awaitCallback({ path: '/', host, state, waitMs: WAIT_MS, clock, signal })
  const request = { redirectUri: `http://${host}:${callback.port}`, state, codeVerifier }
  prompt.browser({ address: authorizeUrl(entra, request), expiresAt: clock.now() + WAIT_MS })
  const code = processCallback(await callback.parameters)
  return redeemed(entra, request, code)
}

/** The address at which the person decides; whose sign-in it shall be is asked, as browsers are signed in already. */
export function authorizeUrl({ login, tenant, clientId, scopes }: Entra, request: Request): string {
  const url = new URL(`${login}/${encodeURIComponent(tenant)}/oauth2/v2.0/authorize`)
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: request.redirectUri,
    scope: [...scopes, ...OPENID].join(' '),
    state: request.state,
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(request.codeVerifier).digest('base64url'),
    prompt: 'select_account',
  }).toString()
  return url.href
}

function processCallback(parameters: URLSearchParams | undefined): string {
  if (!parameters) throw new AuthError('LoginExpired', 'Nobody finished the sign-in in the browser in time.')
  const code = parameters.get('code')
  if (code) return code
  const error = parameters.get('error') ?? 'no code'
  throw processRefused({ error, error_description: parameters.get('error_description') ?? error }, 'sign-in')
}

function redeemed(entra: Entra, request: Request, code: string): Promise<AzureToken> {
  const { tenant, clientId } = entra
  return withSdk(entra, 'sign-in', (sdk, options, ask) =>
    withCache(sdk, undefined, async (cache) => {
      const all = { ...proving(request.codeVerifier, options), ...cache.options }
      const credential = new sdk.AuthorizationCodeCredential(tenant, clientId, code, request.redirectUri, all)
      const token = await ask(credential)
      return azureToken(token, entra, { session: cache.kept(), username: cache.record(clientId)?.username })
    }),
  )
}

/** The SDK knows no PKCE for a code that it has not asked for itself: the verifier goes along on its way. */
function proving(codeVerifier: string, options: SdkOptions): SdkOptions {
  const { httpClient } = options
  if (!httpClient) return options
  return {
    ...options,
    httpClient: {
      sendRequest(request) {
        if (String(request.body).includes('grant_type=authorization_code'))
          request.body = `${request.body}&code_verifier=${codeVerifier}`
        return httpClient.sendRequest(request)
      },
    },
  }
}
