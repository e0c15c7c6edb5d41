/** IAM Identity Center's OIDC service: client registration, device authorization and tokens. */
import {
  CreateTokenCommand,
  type CreateTokenCommandInput,
  type CreateTokenCommandOutput,
  RegisterClientCommand,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand,
} from '@aws-sdk/client-sso-oidc'
import type { AwsSsoToken, SsoClient } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import { fromAws, translated } from './aws-faults.ts'
import { transport, withClient } from './aws-transport.ts'

/** The one scope that gives role credentials and a refresh token. */
export const SCOPE = 'sso:account:access'
/** Registered without a port; the request carries one (RFC 8252 section 7.3). */
const REGISTERED_REDIRECT = 'http://127.0.0.1/oauth/callback'

export interface SsoOidc {
  region: string
  endpoint: string | undefined
  startUrl: string
  signal: AbortSignal
}

export interface DeviceAuthorization {
  deviceCode: Secret
  userCode: string
  verificationUri: string
  verificationUriComplete: string
  expiresInSeconds: number
  intervalSeconds: number
}

function clientFor(at: SsoOidc): SSOOIDCClient {
  return new SSOOIDCClient(transport(at))
}

/** RegisterClient: a public client for the device flow, or with `code` for authorization code and refresh. */
export async function registerClientRequest(at: SsoOidc, flow: 'device' | 'code'): Promise<SsoClient> {
  const code = { grantTypes: ['authorization_code', 'refresh_token'], redirectUris: [REGISTERED_REDIRECT] }
  const input = {
    clientName: 'atmosd',
    clientType: 'public',
    scopes: [SCOPE],
    issuerUrl: at.startUrl,
    ...(flow === 'code' ? code : {}),
  }
  const output = await translated('register a client', () =>
    withClient(clientFor(at), (oidc) =>
      oidc.send(new RegisterClientCommand(input), { abortSignal: at.signal }),
    ),
  )
  const { clientId, clientSecret, clientSecretExpiresAt } = output
  if (!clientId || !clientSecret) throw empty('RegisterClient')
  return { clientId, clientSecret: new Secret(clientSecret), expiresAt: (clientSecretExpiresAt ?? 0) * 1000 }
}

/** StartDeviceAuthorization (RFC 8628 section 3.2). */
export async function deviceAuthorizationRequest(
  at: SsoOidc,
  client: SsoClient,
): Promise<DeviceAuthorization> {
  const input = {
    clientId: client.clientId,
    clientSecret: client.clientSecret.reveal(),
    startUrl: at.startUrl,
  }
  const output = await translated('start a sign-in', () =>
    withClient(clientFor(at), (oidc) =>
      oidc.send(new StartDeviceAuthorizationCommand(input), { abortSignal: at.signal }),
    ),
  )
  const { deviceCode, userCode, verificationUri, verificationUriComplete, expiresIn, interval } = output
  if (!deviceCode || !userCode || !verificationUri) throw empty('StartDeviceAuthorization')
  return {
    deviceCode: new Secret(deviceCode),
    userCode,
    verificationUri,
    verificationUriComplete: verificationUriComplete ?? verificationUri,
    expiresInSeconds: expiresIn ?? 600,
    intervalSeconds: interval || 5, // RFC 8628 section 3.5: five seconds where none is given
  }
}

export type Grant = Pick<
  CreateTokenCommandInput,
  'grantType' | 'deviceCode' | 'code' | 'refreshToken' | 'redirectUri' | 'codeVerifier'
>

/** `pending` and `slow-down` are answers, not failures: the human has not decided yet. */
export type TokenAnswer = CreateTokenCommandOutput | 'pending' | 'slow-down'

/** CreateToken. Failures: LoginRefused, LoginExpired, LoginRequired (the grant is used up), or AWS's own. */
export async function tokenRequest(at: SsoOidc, client: SsoClient, grant: Grant): Promise<TokenAnswer> {
  const input = { clientId: client.clientId, clientSecret: client.clientSecret.reveal(), ...grant }
  try {
    return await withClient(clientFor(at), (oidc) =>
      oidc.send(new CreateTokenCommand(input), { abortSignal: at.signal }),
    )
  } catch (error) {
    return processTokenError(error)
  }
}

function processTokenError(error: unknown): 'pending' | 'slow-down' {
  const name = (error as Error).name
  if (name === 'AuthorizationPendingException') return 'pending'
  if (name === 'SlowDownException') return 'slow-down'
  if (name === 'AccessDeniedException') {
    throw new AuthError('LoginRefused', 'The sign-in was refused in the browser.', { cause: error })
  }
  if (name === 'ExpiredTokenException') {
    throw new AuthError('LoginExpired', 'The sign-in code expired before it was confirmed.', { cause: error })
  }
  if (name === 'InvalidGrantException' || name === 'InvalidClientException') {
    throw new AuthError('LoginRequired', 'The sign-in can no longer be renewed.', { cause: error })
  }
  throw fromAws(error, 'give a token')
}

/** The credential in a CreateToken answer. A refresh token that the answer leaves out stays in force. */
export function processToken(
  at: SsoOidc,
  answer: CreateTokenCommandOutput,
  client: SsoClient,
  now: number,
  before?: AwsSsoToken,
): AwsSsoToken {
  if (!answer.accessToken || !answer.expiresIn) throw empty('CreateToken')
  const refreshToken = answer.refreshToken ? new Secret(answer.refreshToken) : before?.refreshToken
  return {
    type: 'aws-sso-token',
    accessToken: new Secret(answer.accessToken),
    expiresAt: now + answer.expiresIn * 1000,
    client,
    region: at.region,
    ...(refreshToken ? { refreshToken } : {}),
  }
}

function empty(operation: string): AuthError {
  return new AuthError('UpstreamUnavailable', `AWS answered ${operation} with nothing usable.`)
}
