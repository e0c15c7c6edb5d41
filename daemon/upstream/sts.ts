/** AWS Security Token Service: sessions from keys, roles from sessions, and whose credentials these are. */
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  type GetSessionTokenCommandInput,
  STSClient,
} from '@aws-sdk/client-sts'
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import { translated } from './aws-faults.ts'
import { transport, withClient } from './aws-transport.ts'

/** What signs a request: a user's long-term keys, or a session. */
export interface Keys {
  accessKeyId: string
  secretAccessKey: Secret
  sessionToken?: Secret
}

export interface Sts {
  region: string
  endpoint: string | undefined
  keys: Keys
  signal: AbortSignal
}

function clientFor(at: Sts): STSClient {
  const { accessKeyId, secretAccessKey, sessionToken } = at.keys
  const credentials = {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
  }
  return new STSClient({ ...transport(at), credentials })
}

/** AssumeRole. `DurationSeconds` as given; a chained role gives an hour at most. */
export async function assumeRoleRequest(at: Sts, input: AssumeRoleCommandInput): Promise<AwsCredential> {
  const output = await translated(`assume ${input.RoleArn}`, () =>
    withClient(clientFor(at), (sts) => sts.send(new AssumeRoleCommand(input), { abortSignal: at.signal })),
  )
  const principal = output.AssumedRoleUser?.Arn
  return { ...processCredentials(output.Credentials, 'AssumeRole'), ...whose(principal) }
}

/** GetSessionToken: a session of the user whose keys sign it, with MFA where serial and code are given. */
export async function sessionTokenRequest(
  at: Sts,
  input: GetSessionTokenCommandInput,
): Promise<AwsCredential> {
  const output = await translated('give a session', () =>
    withClient(clientFor(at), (sts) =>
      sts.send(new GetSessionTokenCommand(input), { abortSignal: at.signal }),
    ),
  )
  return processCredentials(output.Credentials, 'GetSessionToken')
}

/** GetCallerIdentity: the ARN and account behind the keys. */
export async function callerIdentityRequest(at: Sts): Promise<{ principal?: string; accountId?: string }> {
  const output = await translated('say whose credentials these are', () =>
    withClient(clientFor(at), (sts) =>
      sts.send(new GetCallerIdentityCommand({}), { abortSignal: at.signal }),
    ),
  )
  return whose(output.Arn)
}

interface StsCredentials {
  AccessKeyId?: string | undefined
  SecretAccessKey?: string | undefined
  SessionToken?: string | undefined
  Expiration?: Date | undefined
}

export function processCredentials(given: StsCredentials | undefined, operation: string): AwsCredential {
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken || !given.Expiration) {
    throw new AuthError('UpstreamUnavailable', `AWS answered ${operation} with nothing usable.`)
  }
  return {
    type: 'aws',
    accessKeyId: given.AccessKeyId,
    secretAccessKey: new Secret(given.SecretAccessKey),
    sessionToken: new Secret(given.SessionToken),
    expiresAt: given.Expiration.getTime(),
  }
}

/** `arn:aws:sts::123456789012:assumed-role/…`: the fifth field is the account. */
function whose(arn: string | undefined): { principal?: string; accountId?: string } {
  const accountId = arn?.split(':')[4]
  return { ...(arn ? { principal: arn } : {}), ...(accountId ? { accountId } : {}) }
}
