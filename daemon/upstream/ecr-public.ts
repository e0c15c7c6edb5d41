/** Amazon ECR Public, of which one call is needed: too little for an SDK client of its own. */
import type { AwsCredential, RegistryToken } from '../../shared/credential.ts'
import { fromAws } from './aws-faults.ts'
import { processToken } from './ecr.ts'
import { signed } from './sigv4.ts'

/** Tokens are given in this region alone (ECR Public User Guide, "Registry authentication"). */
const REGION = 'us-east-1'
const ADDRESS = `https://api.ecr-public.${REGION}.amazonaws.com`
const WHAT = 'give a token for ECR Public'

export interface EcrPublic {
  endpoint: string | undefined
  keys: AwsCredential
  signal: AbortSignal
  /** Wall clock, epoch milliseconds: what the signature is dated. */
  now: number
}

/** GetAuthorizationToken; the principal needs sts:GetServiceBearerToken as well. */
export async function ecrPublicTokenRequest(at: EcrPublic): Promise<RegistryToken> {
  const url = new URL(at.endpoint ?? ADDRESS)
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'SpencerFrontendService.GetAuthorizationToken',
  }
  const request = { method: 'POST', url, headers, body: '{}' }
  const answer = await sent(url, {
    method: 'POST',
    body: request.body,
    headers: signed(request, { keys: at.keys, service: 'ecr-public', region: REGION, now: at.now }),
    redirect: 'error',
    signal: at.signal,
  })
  const { authorizationData: given } = answer as {
    authorizationData?: { authorizationToken?: string; expiresAt?: number }
  }
  return processToken(given?.authorizationToken, (given?.expiresAt ?? 0) * 1000)
}

async function sent(url: URL, request: RequestInit): Promise<object> {
  try {
    const response = await fetch(url, request)
    const body = ((await response.json().catch(() => undefined)) ?? {}) as Record<string, string>
    if (response.ok) return body
    throw Object.assign(new Error(body.message ?? body.Message ?? response.statusText), {
      name: (response.headers.get('x-amzn-errortype') ?? body.__type ?? 'Error').replace(/^.*#|:.*$/g, ''),
      $metadata: { httpStatusCode: response.status },
    })
  } catch (error) {
    throw fromAws(error, WHAT)
  }
}
