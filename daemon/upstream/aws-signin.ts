/**
 * AWS Sign-In for programs, as `aws login` uses it (AWS Sign-In API Reference, CreateOAuth2Token): keys for 15 minutes,
 * and a token bound to a key of ours that renews them for as long as the sign-in lasts.
 */
import type { AwsCredential, AwsRenewal } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { processJson } from './aws-json.ts'
import { partitionOf } from './aws-partition.ts'
import { processSigninFault } from './aws-signin-faults.ts'
import { dpopProof } from './dpop.ts'
import { claimsOf } from './jwt-claims.ts'
import { httpRequest } from './plain-http.ts'

export interface AwsSignin {
  region: string
  endpoint: string | undefined
  clock: Clock
  random: Random
  signal: AbortSignal
}

export type SigninGrant =
  | { grantType: 'authorization_code'; code: string; codeVerifier: string; redirectUri: string }
  | { grantType: 'refresh_token'; refreshToken: string }

/** Who asks: AWS's own name of a program on this machine or on another, and the key that tokens are bound to. */
export type SigninClient = Pick<AwsRenewal, 'clientId' | 'proofKey'>

/** Address of the service without its path. KindUnsupported where its hosts are not public. */
export function signinOrigin({ region, endpoint }: Pick<AwsSignin, 'region' | 'endpoint'>): string {
  return (endpoint ?? `https://${region}.signin.${partitionOf(region).console}`).replace(/\/+$/, '')
}

/**
 * CreateOAuth2Token, once: a token that was used may not be used again. LoginExpired for a code that is too old,
 * LoginRequired where the sign-in is over, or AWS's own.
 */
export async function signinTokenRequest(
  at: AwsSignin,
  { clientId, proofKey }: SigninClient,
  grant: SigninGrant,
): Promise<object> {
  const { clock, random, signal } = at
  const url = `${signinOrigin(at)}/v1/token`
  const what = grant.grantType === 'refresh_token' ? 'renew a sign-in' : 'sign in'
  const answer = await httpRequest({
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      dpop: dpopProof(proofKey, { method: 'POST', url, now: clock.now(), id: random.token(16) }),
    },
    body: JSON.stringify({ clientId, ...grant }),
    whom: 'AWS',
    what,
    clock,
    signal,
  })
  return answer.status === 200 ? processJson(answer, what) : processSigninFault(answer, grant.grantType)
}

/** The credential in an answer. Who it is, only the first answer tells; UpstreamUnavailable where it is none. */
export function processSigninToken(
  answer: object,
  { clientId, proofKey }: SigninClient,
  now: number,
  before?: AwsCredential,
): AwsCredential {
  const { accessToken, refreshToken, expiresIn, idToken } = answer as Record<string, unknown>
  const { accessKeyId, secretAccessKey, sessionToken } = (accessToken ?? {}) as Record<string, unknown>
  const texts = [accessKeyId, secretAccessKey, sessionToken, refreshToken]
  if (!texts.every(isText) || typeof expiresIn !== 'number')
    throw new AuthError('UpstreamUnavailable', 'AWS answered CreateOAuth2Token with nothing usable.')
  const [id, secret, session, refresh] = texts as [string, string, string, string]
  return {
    type: 'aws',
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    sessionToken: new Secret(session),
    expiresAt: now + expiresIn * 1000,
    ...(isText(idToken) ? ownerIn(idToken) : ownerOf(before)),
    renewal: { clientId, proofKey, refreshToken: new Secret(refresh) },
  }
}

type Owner = Pick<AwsCredential, 'accountId' | 'principal'>

/** It came from AWS over TLS, so its signature tells nothing more (OpenID Connect Core section 3.1.3.7, 6). */
function ownerIn(idToken: string): Owner {
  const principal = String(claimsOf(idToken).sub)
  const [, accountId] = /^arn:[\w-]+:\w+::(\d{12}):/.exec(principal) ?? []
  return accountId === undefined ? {} : { accountId, principal }
}

function ownerOf({ accountId, principal }: Owner = {}): Owner {
  return {
    ...(accountId === undefined ? {} : { accountId }),
    ...(principal === undefined ? {} : { principal }),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
