/**
 * The federation endpoint of AWS: a session of a role becomes a sign-in to the web console (IAM User Guide, "Enable
 * custom identity broker access to the AWS console").
 */
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError, type FailureCode } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { type Answer, httpRequest } from './plain-http.ts'

/** How long a sign-in token is good. */
export const TOKEN_MS = 15 * 60_000
const WHAT = 'open the console'

export interface Federation {
  /** Address of the service without its path. */
  origin: string
  clock: Clock
}

/**
 * getSigninToken. The session travels in the body: an address ends up in logs. `seconds` is refused for a role that
 * was assumed from a role, and for one that may not last so long: AccessDenied.
 */
export async function signinTokenRequest(
  { origin, clock }: Federation,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredential,
  seconds: number | undefined,
): Promise<Secret> {
  const session = {
    sessionId: accessKeyId,
    sessionKey: secretAccessKey.reveal(),
    sessionToken: sessionToken.reveal(),
  }
  const body = new URLSearchParams({ Action: 'getSigninToken', Session: JSON.stringify(session) })
  if (seconds !== undefined) body.set('SessionDuration', String(seconds))
  const answer = await httpRequest({
    url: `${origin}/federation`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
    whom: 'AWS',
    what: WHAT,
    clock,
  })
  return processSigninToken(answer)
}

export function processSigninToken({ status, text }: Answer): Secret {
  if (status !== 200) throw refused(status)
  const token = tokenIn(text)
  if (token !== undefined) return new Secret(token)
  throw new AuthError('UpstreamUnavailable', 'AWS answered getSigninToken with nothing usable.')
}

/** The address that signs a browser in: a secret, good once within 15 minutes. */
export function loginAddress(
  { origin }: Pick<Federation, 'origin'>,
  given: { token: Secret; destination: string; issuer: string },
): Secret {
  const query = new URLSearchParams({
    Action: 'login',
    Issuer: given.issuer,
    Destination: given.destination,
    SigninToken: given.token.reveal(),
  })
  return new Secret(`${origin}/federation?${query}`)
}

function tokenIn(body: string): string | undefined {
  try {
    const { SigninToken: token } = JSON.parse(body) as { SigninToken?: unknown }
    return typeof token === 'string' && token !== '' ? token : undefined
  } catch {
    return undefined
  }
}

/** Nothing of the body is quoted, since it may repeat what was sent. A redirect is not followed: it would get the session. */
function refused(status: number): AuthError {
  if (status >= 500 || status < 400)
    return new AuthError('UpstreamUnavailable', `AWS could not be reached to ${WHAT}: it answered ${status}.`)
  const code: FailureCode = status === 429 ? 'UpstreamThrottled' : 'AccessDenied'
  return new AuthError(code, `AWS refused to ${WHAT}: it answered ${status}.`)
}
