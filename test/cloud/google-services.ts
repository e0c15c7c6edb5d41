/** Which of Google's services a request is for. Two have the path of one of AWS's, which is asked with JSON where Google is with a form. */

import { GKE_CALL, gkeCluster } from './gke.ts'
import { certificates, googleToken, tokenInfo } from './google.ts'
import { generateAccessToken, generateIdToken, IAM_CALL } from './google-iam.ts'
import { exchange } from './google-sts.ts'
import type { Found } from './service.ts'
import { type Asked, googleError, jsonError } from './wire.ts'

const forms: Readonly<Record<string, Found>> = {
  '/token': ['GoogleToken', googleToken, jsonError],
  '/v1/token': ['GoogleExchange', exchange, jsonError],
  '/tokeninfo': ['GoogleTokenInfo', tokenInfo, jsonError],
}

export function googleService({ method, path, headers }: Asked): Found | undefined {
  if (method === 'GET' && path === '/oauth2/v3/certs') return [undefined, certificates, googleError]
  if (method === 'GET' && GKE_CALL.test(path)) return ['GkeCluster', gkeCluster, googleError]
  if (method !== 'POST') return undefined
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return forms[path]
  const [, , call] = IAM_CALL.exec(decodeURIComponent(path)) ?? []
  if (call === 'generateIdToken') return ['GenerateIdToken', generateIdToken, googleError]
  return call === undefined ? undefined : ['GenerateAccessToken', generateAccessToken, googleError]
}
