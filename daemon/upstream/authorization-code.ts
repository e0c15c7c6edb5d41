/** OAuth 2.0 authorization code grant with PKCE (RFC 7636) for a native app (RFC 8252): the part in the browser. */
import { createHash } from 'node:crypto'
import { AuthError } from '../../shared/errors.ts'
import { awaitCallback } from '../system/callback.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'

const CALLBACK_PATH = '/oauth/callback'
/** How long a human may take in the browser. */
export const WAIT_MS = 10 * 60_000

export interface Asking {
  clock: Clock
  random: Random
  prompt: {
    browser(shown: { address: string; expiresAt: number }): void
  }
}

/** What an authorization request is made of, beside the client's name. */
export interface Authorization {
  redirectUri: string
  state: string
  codeVerifier: string
}

/** What a token is asked for with. */
export type GivenCode = Pick<Authorization, 'redirectUri' | 'codeVerifier'> & { code: string }

/** A `state` that nobody guesses, and a verifier of 64 characters; RFC 7636 section 4.1 allows 43 to 128. */
export function newAuthorization({ random }: Pick<Asking, 'random'>) {
  return { state: random.token(32), codeVerifier: random.token(48) }
}

/** The challenge of the method S256 (RFC 7636 section 4.2). */
export function challengeOf(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url')
}

/** Sends the browser to the address and waits for it to come back to a listener of ours with a code. */
export async function codeFromBrowser(
  { clock, prompt, ...asking }: Asking & { signal: AbortSignal },
  addressOf: (request: Authorization) => string,
): Promise<GivenCode> {
  const { state, codeVerifier } = newAuthorization(asking)
  const expiresAt = clock.now() + WAIT_MS
  await using callback = await awaitCallback({
    path: CALLBACK_PATH,
    state,
    waitMs: WAIT_MS,
    clock,
    signal: asking.signal,
  })
  const redirectUri = `http://127.0.0.1:${callback.port}${CALLBACK_PATH}`
  prompt.browser({ address: addressOf({ redirectUri, state, codeVerifier }), expiresAt })
  return { code: processCallback(await callback.parameters), redirectUri, codeVerifier }
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
