/** Keys that a shell or a file has, made into a session: a user's own by STS, a session's by asking whose they are. */
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import { hinting } from './aws-faults.ts'
import { callerIdentityRequest, sessionTokenRequest } from './sts.ts'

export interface FoundKeys {
  accessKeyId: string
  secretAccessKey: Secret
  /** Without one they are a user's own, and have no end. */
  sessionToken?: Secret
  /** Epoch milliseconds. */
  expiresAt?: number
}

interface At {
  region: string
  endpoint: string | undefined
  signal: AbortSignal
  clock: { now(): number }
}

/** Keys whose end nobody told are asked about again after so long. */
const BELIEVED_MS = 15 * 60_000

/** CredentialRejected where the keys are over. A user's session lasts as long as AWS gives it by itself. */
export async function sessionOfKeys(keys: FoundKeys, at: At): Promise<AwsCredential> {
  const { sessionToken, accessKeyId, secretAccessKey } = keys
  const { region, endpoint, signal, clock } = at
  if (keys.expiresAt !== undefined && keys.expiresAt <= clock.now()) throw over()
  const signed = { region, endpoint, signal, keys }
  const advised = hinting({ CredentialRejected: RENEW })
  if (sessionToken === undefined) return sessionTokenRequest(signed, {}).catch(advised)
  const whose = await callerIdentityRequest(signed).catch(advised)
  const expiresAt = keys.expiresAt ?? clock.now() + BELIEVED_MS
  return { type: 'aws', accessKeyId, secretAccessKey, sessionToken, expiresAt, ...whose }
}

const RENEW = 'Renew them, and begin again in a shell that has the new ones.'

function over(): AuthError {
  return new AuthError('CredentialRejected', 'The AWS credentials of this shell have ended.', { hint: RENEW })
}
