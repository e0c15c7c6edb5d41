/** Credentials that a machine gives whoever runs on it: the container's endpoint and EC2's metadata service. */
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Clock } from '../system/clock.ts'
import { type Answer, httpRequest, isLoopback } from './plain-http.ts'
import { processCredentials } from './sts.ts'

interface Asking {
  clock: Clock
  signal: AbortSignal
}

export interface ContainerEndpoint extends Asking {
  url: string
  /** Sent as it is; free text. */
  authorization: string | undefined
}

export interface InstanceEndpoint extends Asking {
  url: string
}

/** Where ECS and EKS have it (SDK Reference Guide, "Container credential provider"). */
const CONTAINER_HOSTS = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]'])
/** Link-local: who is there answers at once. */
const NEAR_MS = 1_000
const ROLES = '/latest/meta-data/iam/security-credentials/'

export async function containerRequest(at: ContainerEndpoint): Promise<AwsCredential> {
  const url = URL.parse(at.url)
  const safe = url?.protocol === 'https:' || (url && (isLoopback(url) || CONTAINER_HOSTS.has(url.hostname)))
  if (!url || !safe)
    throw new AuthError('ConfigInvalid', 'The address of the container’s credentials is not safe.', {
      hint: 'AWS_CONTAINER_CREDENTIALS_FULL_URI has to be https, or on this machine.',
    })
  const authorization = at.authorization === undefined ? {} : { authorization: at.authorization }
  const headers = { accept: 'application/json', ...authorization }
  return processMachine(await httpRequest({ ...at, headers, whom: 'The container’s endpoint' }))
}

/** IMDSv2 alone. Undefined where there is no such service, or an instance without a role. */
export async function instanceRequest(at: InstanceEndpoint): Promise<AwsCredential | undefined> {
  const origin = originOf(at.url)
  const ask = (path: string, headers: Record<string, string>, method: 'GET' | 'PUT' = 'GET') => {
    const url = `${origin}${path}`
    return httpRequest({ ...at, url, method, headers, whom: 'The metadata service', limitMs: NEAR_MS })
  }
  const seconds = { 'x-aws-ec2-metadata-token-ttl-seconds': '300' }
  const token = await ask('/latest/api/token', seconds, 'PUT').catch(() => undefined)
  // One that is there and in trouble will be well again, and then its role counts.
  if (token?.status === 429 || (token && token.status >= 500)) throw refused(token)
  if (token?.status !== 200) return undefined
  const headers = { 'x-aws-ec2-metadata-token': token.text }
  const roles = await ask(ROLES, headers)
  if (roles.status === 404) return undefined
  if (roles.status !== 200) throw refused(roles)
  const role = roles.text.trim().split('\n')[0]
  if (!role) return undefined
  return processMachine(await ask(`${ROLES}${encodeURIComponent(role)}`, headers))
}

/** The service is asked at its root, whatever path the address has. */
function originOf(address: string): string {
  const url = URL.parse(address)
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url.origin
  throw new AuthError('ConfigInvalid', 'The address of the metadata service is no http address.', {
    hint: 'AWS_EC2_METADATA_SERVICE_ENDPOINT has to be like http://169.254.169.254, or unset.',
  })
}

interface Given {
  AccessKeyId?: string
  SecretAccessKey?: string
  Token?: string
  Expiration?: string
  AccountId?: string
  Code?: string
}

function processMachine(answer: Answer): AwsCredential {
  if (answer.status !== 200) throw refused(answer)
  const given = parsed(answer.text)
  const end = Date.parse(given.Expiration ?? '')
  const Expiration = Number.isNaN(end) ? undefined : new Date(end)
  const usable =
    (given.Code ?? 'Success') === 'Success' ? { ...given, SessionToken: given.Token, Expiration } : {}
  const { AccountId: accountId } = given
  return { ...processCredentials(usable, 'for its credentials'), ...(accountId ? { accountId } : {}) }
}

function parsed(text: string): Given {
  try {
    return (JSON.parse(text) as Given | null) ?? {}
  } catch {
    return {}
  }
}

/** Its own text may hold anything and is not passed on. */
function refused({ status }: Answer): AuthError {
  const code = status === 429 ? 'UpstreamThrottled' : status >= 500 ? 'UpstreamUnavailable' : 'AccessDenied'
  return new AuthError(code, `The machine gave no AWS credentials: it answered ${status}.`)
}
