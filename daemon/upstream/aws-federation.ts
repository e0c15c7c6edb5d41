/**
 * The federation endpoint of AWS: a session of a role becomes a sign-in to the web console (IAM User Guide, "Enable
 * custom identity broker access to the AWS console").
 */
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError, type FailureCode } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { Secret } from '../../shared/secret.ts'

/** How long a sign-in token is good. */
export const TOKEN_MS = 15 * 60_000

export interface Federation {
  /** Address of the service without its path. */
  origin: string
  signal: AbortSignal
}

/**
 * getSigninToken. The session travels in the body: an address ends up in logs. `seconds` is refused for a role that
 * was assumed from a role, and for one that may not last so long: AccessDenied.
 */
export async function signinTokenRequest(
  { origin, signal }: Federation,
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
  // A redirect would carry the session to wherever it leads.
  const request = { method: 'POST', body, redirect: 'error', signal } as const
  const response = await fetch(`${origin}/federation`, request).catch(unreachable)
  return processSigninToken(response.status, await response.text().catch(unreachable))
}

export function processSigninToken(status: number, body: string): Secret {
  if (status !== 200) throw refused(status)
  const token = tokenIn(body)
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

/** Nothing of the body is quoted, since it may repeat what was sent. */
function refused(status: number): AuthError {
  if (status >= 500) return unavailable(`it answered ${status}`)
  const code: FailureCode = status === 429 ? 'UpstreamThrottled' : 'AccessDenied'
  return new AuthError(code, `AWS refused to open the console: it answered ${status}.`)
}

function unreachable(error: Error & { cause?: { code?: string; message?: string } }): never {
  const { code, message = error.message } = error.cause ?? {}
  throw unavailable(printable(code ?? message, 200), error)
}

function unavailable(why: string, cause?: Error): AuthError {
  return new AuthError('UpstreamUnavailable', `AWS could not be reached to open the console: ${why}.`, {
    cause,
  })
}
