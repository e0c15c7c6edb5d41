/** AWS Security Token Service, signed: sessions from keys, roles and roots from sessions, and whose credentials these are. */
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  AssumeRootCommand,
  type AssumeRootCommandInput,
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

export function stsClient(at: Sts): STSClient {
  const { accessKeyId, secretAccessKey, sessionToken } = at.keys
  const credentials = {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
  }
  return new STSClient({ ...transport(at), useGlobalEndpoint: false, credentials })
}

/** AssumeRole. `DurationSeconds` as given; a chained role gives an hour at most. */
export async function assumeRoleRequest(at: Sts, input: AssumeRoleCommandInput): Promise<AwsCredential> {
  const output = await translated(`assume ${input.RoleArn}`, () =>
    withClient(stsClient(at), (sts) => sts.send(new AssumeRoleCommand(input), { abortSignal: at.signal })),
  )
  const principal = output.AssumedRoleUser?.Arn
  return { ...processCredentials(output.Credentials, 'AssumeRole'), ...whose(principal) }
}

/** AssumeRoot: the root user of the member account `TargetPrincipal`, for one task. AWS has it at regional addresses alone. */
export async function assumeRootRequest(at: Sts, input: AssumeRootCommandInput): Promise<AwsCredential> {
  const output = await translated(`assume the root of ${input.TargetPrincipal}`, () =>
    withClient(stsClient(at), (sts) => sts.send(new AssumeRootCommand(input), { abortSignal: at.signal })),
  )
  return processCredentials(output.Credentials, 'AssumeRoot')
}

/** GetSessionToken: a session of the user whose keys sign it, with MFA where serial and code are given. */
export async function sessionTokenRequest(
  at: Sts,
  input: GetSessionTokenCommandInput,
): Promise<AwsCredential> {
  const output = await translated('give a session', () =>
    withClient(stsClient(at), (sts) =>
      sts.send(new GetSessionTokenCommand(input), { abortSignal: at.signal }),
    ),
  )
  return processCredentials(output.Credentials, 'GetSessionToken')
}

/** GetCallerIdentity: the ARN and account behind the keys. */
export async function callerIdentityRequest(at: Sts): Promise<{ principal?: string; accountId?: string }> {
  const output = await translated('say whose credentials these are', () =>
    withClient(stsClient(at), (sts) =>
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

/** Whose ARN it is: in `arn:aws:sts::123456789012:assumed-role/…`: the fifth field is the account. */
export function whose(arn: string | undefined): { principal?: string; accountId?: string } {
  const accountId = arn?.split(':')[4]
  return { ...(arn ? { principal: arn } : {}), ...(accountId ? { accountId } : {}) }
}
