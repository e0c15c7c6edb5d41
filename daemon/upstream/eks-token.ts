/**
 * The bearer token of an EKS cluster: a signed GetCallerIdentity that the cluster sends to STS to learn who asks
 * (kubernetes-sigs/aws-iam-authenticator, pkg/token). Made without asking anybody. Pure.
 */
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import { partitionOf } from './aws-partition.ts'
import { presigned } from './sigv4-presign.ts'

const PREFIX = 'k8s-aws-v1.'
/** The address says a minute; the cluster takes it for 15, of which one is left for clocks that differ. */
const SIGNED_SECONDS = 60
const TOKEN_MS = 14 * 60_000
/** Nobody should use credentials in their last minute. */
const MARGIN_MS = 60_000
/** What the cluster reads of a token. */
const MOST_BYTES = 4_096

/**
 * A token for a cluster, and until when to use it, epoch milliseconds. The host is always the region's public one,
 * since the cluster takes no other, wherever the configuration moves STS to.
 */
export function eksToken(
  credential: AwsCredential,
  { cluster, region }: { cluster: string; region: string },
  now: number,
): { token: Secret; expiresAt: number } {
  const address = presigned(credential, {
    host: `sts.${region}.${partitionOf(region).services}`,
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    headers: { 'x-k8s-aws-id': cluster },
    region,
    service: 'sts',
    now,
    seconds: SIGNED_SECONDS,
  })
  const token = `${PREFIX}${Buffer.from(address).toString('base64url')}`
  if (token.length > MOST_BYTES) throw tooLong(token.length)
  return {
    token: new Secret(token),
    expiresAt: Math.min(now + TOKEN_MS, credential.expiresAt - MARGIN_MS),
  }
}

function tooLong(bytes: number): AuthError {
  return new AuthError('UpstreamInvalid', `The token has ${bytes} bytes, and EKS takes ${MOST_BYTES}.`, {
    hint: 'The session token of these credentials is too long: use fewer session tags or policies.',
  })
}
