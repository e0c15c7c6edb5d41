/** Amazon ECR: tokens with which Docker signs in to private registries. */
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import type { AwsCredential, RegistryToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import { translated } from './aws-faults.ts'
import { transport, withClient } from './aws-transport.ts'

export interface Ecr {
  region: string
  endpoint: string | undefined
  keys: AwsCredential
  signal: AbortSignal
}

/** GetAuthorizationToken: good for 12 hours, for every registry that the principal may read. */
export async function ecrTokenRequest(at: Ecr): Promise<RegistryToken> {
  const { accessKeyId, secretAccessKey, sessionToken } = at.keys
  const credentials = {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken.reveal(),
  }
  const client = new ECRClient({ ...transport(at), credentials })
  const output = await translated(`give a token for ECR in ${at.region}`, () =>
    withClient(client, (ecr) => ecr.send(new GetAuthorizationTokenCommand({}), { abortSignal: at.signal })),
  )
  const [given] = output.authorizationData ?? []
  return processToken(given?.authorizationToken, given?.expiresAt?.getTime())
}

/** The base64 of `user:password` that ECR answers. UpstreamUnavailable where it is none. */
export function processToken(encoded: string | undefined, expiresAt: number | undefined): RegistryToken {
  const decoded = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 1 || colon === decoded.length - 1 || !expiresAt)
    throw new AuthError('UpstreamUnavailable', 'AWS answered GetAuthorizationToken with nothing usable.')
  const token = new Secret(decoded.slice(colon + 1))
  return { type: 'registry-token', username: decoded.slice(0, colon), token, expiresAt }
}
