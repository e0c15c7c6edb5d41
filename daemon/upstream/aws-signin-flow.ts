/** Signing in to AWS in a browser: on this machine, which is sent back to us, or on another, whose code is pasted. */
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import {
  type Asking,
  type Authorization,
  challengeOf,
  codeFromBrowser,
  type GivenCode,
  newAuthorization,
  WAIT_MS,
} from './authorization-code.ts'
import { type AwsSignin, processSigninToken, signinOrigin, signinTokenRequest } from './aws-signin.ts'
import { proofKey } from './dpop.ts'

const CLIENT = 'arn:aws:signin:::devtools'

export interface Person extends Pick<Asking, 'prompt'> {
  prompt: Asking['prompt'] & {
    /** Whether the browser is on this machine. */
    hasBrowser(): boolean
    ask(question: { label: string; secret: boolean }): Promise<string>
  }
}

/** A credential of whoever signs in. LoginRefused, LoginExpired, or what CreateOAuth2Token said. */
export async function awsLogin(at: AwsSignin, { prompt }: Person): Promise<AwsCredential> {
  const here = browserIsHere(prompt) // first: with nobody to ask, nothing is begun
  const client = {
    clientId: `${CLIENT}/${here ? 'same-device' : 'cross-device'}`,
    proofKey: proofKey(at.random),
  }
  const given = here
    ? await codeFromBrowser({ ...at, prompt }, (request) => authorizeAddress(at, client.clientId, request))
    : await pastedCode(at, client.clientId, prompt)
  const answer = await signinTokenRequest(at, client, { grantType: 'authorization_code', ...given })
  return processSigninToken(answer, client, at.clock.now())
}

function browserIsHere(prompt: Person['prompt']): boolean {
  try {
    return prompt.hasBrowser()
  } catch (cause) {
    throw new AuthError('LoginRequired', 'There are no keys, and nobody is signed in to AWS.', { cause })
  }
}

/** Another credential of the same sign-in, with nobody asked. LoginRequired where that is over. */
export async function awsRenewal(at: AwsSignin, held: AwsCredential): Promise<AwsCredential> {
  const { renewal } = held
  if (!renewal) throw new AuthError('LoginRequired', 'There is no sign-in to AWS to renew.')
  const grant = { grantType: 'refresh_token', refreshToken: renewal.refreshToken.reveal() } as const
  return processSigninToken(await signinTokenRequest(at, renewal, grant), renewal, at.clock.now(), held)
}

/** The page that shows the code is AWS's own. */
async function pastedCode(at: AwsSignin, clientId: string, prompt: Person['prompt']): Promise<GivenCode> {
  const redirectUri = `${signinOrigin(at)}/v1/sessions/confirmation`
  const request = { redirectUri, ...newAuthorization(at) }
  prompt.browser({ address: authorizeAddress(at, clientId, request), expiresAt: at.clock.now() + WAIT_MS })
  const pasted = await prompt.ask({ label: 'Code that the browser shows', secret: false })
  return { code: processPasted(pasted, request.state), redirectUri, codeVerifier: request.codeVerifier }
}

/** AWS calls the method SHA-256, which RFC 7636 calls S256. */
export function authorizeAddress(
  at: Pick<AwsSignin, 'region' | 'endpoint'>,
  clientId: string,
  { redirectUri, state, codeVerifier }: Authorization,
): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge_method: 'SHA-256',
    code_challenge: challengeOf(codeVerifier),
    scope: 'openid',
  })
  return `${signinOrigin(at)}/v1/authorize?${query}`
}

/** What is pasted is `state=…&code=…` in base64. */
export function processPasted(pasted: string, state: string): string {
  const text = Buffer.from(pasted.replace(/\s+/g, ''), 'base64').toString('utf8')
  const given = new URLSearchParams(text)
  const code = given.get('code')
  if (!code || !given.get('state'))
    throw new AuthError('LoginRefused', 'What was entered is not the code that the browser shows.', {
      hint: 'Sign in again, and copy all of the code.',
    })
  if (given.get('state') === state) return code
  throw new AuthError('LoginRefused', 'The code belongs to another sign-in.', {
    hint: 'Sign in again, and open the address that is shown then.',
  })
}
