/** AWS Security Token Service for those who have no AWS credentials yet: a token or an assertion in their place. */
import {
  AssumeRoleWithSAMLCommand,
  type AssumeRoleWithSAMLCommandInput,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  STSClient,
} from '@aws-sdk/client-sts'
import type { AwsCredential } from '../../shared/credential.ts'
import { translated } from './aws-faults.ts'
import { transport, withClient } from './aws-transport.ts'
import { processCredentials, type Sts, whose } from './sts.ts'

export type UnsignedSts = Omit<Sts, 'keys'>

/** Nothing is signed, so the SDK must not go looking for keys. */
function clientFor(at: UnsignedSts): STSClient {
  const credentials = () => Promise.reject(new Error('this request is not signed'))
  return new STSClient({ ...transport(at), credentials })
}

/** AssumeRoleWithWebIdentity. UpstreamInvalid where AWS does not take the token, CredentialRejected once it is over. */
export async function webIdentityRequest(
  at: UnsignedSts,
  input: AssumeRoleWithWebIdentityCommandInput,
): Promise<AwsCredential> {
  const output = await translated(`assume ${input.RoleArn}`, () =>
    withClient(clientFor(at), (sts) =>
      sts.send(new AssumeRoleWithWebIdentityCommand(input), { abortSignal: at.signal }),
    ),
  )
  const principal = output.AssumedRoleUser?.Arn
  return { ...processCredentials(output.Credentials, 'AssumeRoleWithWebIdentity'), ...whose(principal) }
}

/** AssumeRoleWithSAML, within five minutes of the assertion's making. Failures as above. */
export async function samlRequest(
  at: UnsignedSts,
  input: AssumeRoleWithSAMLCommandInput,
): Promise<AwsCredential> {
  const output = await translated(`assume ${input.RoleArn}`, () =>
    withClient(clientFor(at), (sts) =>
      sts.send(new AssumeRoleWithSAMLCommand(input), { abortSignal: at.signal }),
    ),
  )
  const principal = output.AssumedRoleUser?.Arn
  return { ...processCredentials(output.Credentials, 'AssumeRoleWithSAML'), ...whose(principal) }
}
