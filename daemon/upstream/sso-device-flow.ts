/** OAuth 2.0 device authorization grant (RFC 8628) at IAM Identity Center. */
import type { AwsSsoToken, SsoClient } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Clock } from '../system/clock.ts'
import {
  type DeviceAuthorization,
  deviceAuthorizationRequest,
  processToken,
  registerClientRequest,
  type SsoOidc,
  tokenRequest,
} from './sso-oidc.ts'

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'
/** RFC 8628 section 3.5: what `slow_down` adds to the interval, for good. */
const SLOW_DOWN_MS = 5_000
/** The refresh token that a sign-in gives is of no use once its client has expired. */
const REGISTRATION_MARGIN_MS = 24 * 3_600_000

export interface DeviceSignIn {
  clock: Clock
  prompt: {
    deviceCode(shown: { userCode: string; verificationUri: string; address: string; expiresAt: number }): void
  }
}

/** Shows a code, then asks at the agreed pace until the human has decided or the code has expired. */
export async function deviceLogin(
  at: SsoOidc,
  { clock, prompt }: DeviceSignIn,
  known?: SsoClient,
): Promise<AwsSsoToken> {
  const { client, started } = await start(at, clock, known)
  const expiresAt = clock.now() + started.expiresInSeconds * 1000
  prompt.deviceCode({
    userCode: started.userCode,
    verificationUri: started.verificationUri,
    address: started.verificationUriComplete,
    expiresAt,
  })
  const answer = await poll(at, clock, started, expiresAt, () =>
    tokenRequest(at, client, { grantType: GRANT_TYPE, deviceCode: started.deviceCode.reveal() }),
  )
  return processToken(at, answer, client, clock.now())
}

/** AWS has forgotten a client, or it was registered for the other flow, with which sessions are shared. */
const UNUSABLE = new Set(['InvalidClientException', 'UnauthorizedClientException'])

/** A registration is used until its secret nears its end, or until AWS no longer takes it for this. */
async function start(at: SsoOidc, clock: Clock, known?: SsoClient) {
  if (known && known.expiresAt - clock.now() > REGISTRATION_MARGIN_MS) {
    try {
      return { client: known, started: await deviceAuthorizationRequest(at, known) }
    } catch (error) {
      if (!UNUSABLE.has((error as { cause?: Error }).cause?.name ?? '')) throw error
    }
  }
  const client = await registerClientRequest(at, 'device')
  return { client, started: await deviceAuthorizationRequest(at, client) }
}

async function poll<T>(
  { signal }: SsoOidc,
  clock: Clock,
  { intervalSeconds }: DeviceAuthorization,
  expiresAt: number,
  ask: () => Promise<T | 'pending' | 'slow-down'>,
): Promise<T> {
  let intervalMs = intervalSeconds * 1000
  while (clock.now() < expiresAt) {
    await clock.sleep(intervalMs, signal)
    if (signal.aborted) throw new AuthError('LoginCancelled', 'The sign-in was cancelled.')
    const answer = await ask()
    if (answer !== 'pending' && answer !== 'slow-down') return answer
    if (answer === 'slow-down') intervalMs += SLOW_DOWN_MS
  }
  throw new AuthError('LoginExpired', 'The sign-in code expired before it was confirmed.')
}
