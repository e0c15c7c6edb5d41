/** Amazon ECR Public, of which one call is needed: too little for an SDK client of its own. */
import type { RegistryToken } from '../../shared/credential.ts'
import { type AwsCall, signedRequest } from './aws-json.ts'
import { processToken } from './ecr.ts'

/** Tokens are given in this region alone (ECR Public User Guide, "Registry authentication"). */
const REGION = 'us-east-1'
const ADDRESS = `https://api.ecr-public.${REGION}.amazonaws.com`

export interface EcrPublic extends AwsCall {
  endpoint: string | undefined
}

/** GetAuthorizationToken; the principal needs sts:GetServiceBearerToken as well. */
export async function ecrPublicTokenRequest(at: EcrPublic): Promise<RegistryToken> {
  const answer = await signedRequest(at, {
    service: 'ecr-public',
    region: REGION,
    what: 'give a token for ECR Public',
    method: 'POST',
    url: new URL(at.endpoint ?? ADDRESS),
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'SpencerFrontendService.GetAuthorizationToken',
    },
    body: '{}',
  })
  const { authorizationData: given } = answer as {
    authorizationData?: { authorizationToken?: string; expiresAt?: number }
  }
  return processToken(given?.authorizationToken, (given?.expiresAt ?? 0) * 1000)
}
