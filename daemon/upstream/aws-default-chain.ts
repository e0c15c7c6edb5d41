/**
 * The AWS SDKs' default chain (SDK Reference Guide, "Standardized credential providers") for somebody else's shell:
 * its variables are given, and nothing of this process's own environment is looked at.
 */
import { isAbsolute, join } from 'node:path'
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { readIfPresent } from '../system/files.ts'
import { profileKeys } from './aws-profile.ts'
import { sessionOfKeys } from './found-keys.ts'
import { containerRequest, instanceRequest } from './machine-credentials.ts'
import { webIdentityRequest } from './sts-federation.ts'

export interface Shell {
  variable(name: string): string | undefined
  clock: Clock
  signal: AbortSignal
  region: string
  /** Address of STS. */
  endpoint: string | undefined
}

/** Every variable that is looked at. */
export const DEFAULT_CHAIN: readonly string[] = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'HOME',
]

/** The first credentials that there are; undefined where there are none. */
export async function defaultChain(at: Shell): Promise<AwsCredential | undefined> {
  for (const way of [namedProfile, environmentKeys, webIdentity, defaultProfile, container, instance]) {
    const found = await way(at)
    if (found) return found
  }
  return undefined
}

type Way = (at: Shell) => Promise<AwsCredential | undefined>

const namedProfile: Way = async (at) => {
  const profile = at.variable('AWS_PROFILE')
  if (profile === undefined) return undefined
  const keys = await profileKeys(filesOf(at), profile)
  if (keys) return sessionOfKeys(keys, at)
  throw new AuthError(
    'EnvironmentMissing',
    `There is no AWS profile "${profile}", which AWS_PROFILE names.`,
    {
      hint: 'See `aws configure list-profiles`, or unset AWS_PROFILE.',
    },
  )
}

const environmentKeys: Way = async (at) => {
  const { variable } = at
  const [accessKeyId, secret] = [variable('AWS_ACCESS_KEY_ID'), variable('AWS_SECRET_ACCESS_KEY')]
  if (accessKeyId === undefined || secret === undefined) return undefined
  const token = variable('AWS_SESSION_TOKEN')
  const end = Date.parse(variable('AWS_CREDENTIAL_EXPIRATION') ?? '')
  return sessionOfKeys(
    {
      accessKeyId,
      secretAccessKey: new Secret(secret),
      ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
      ...(Number.isNaN(end) ? {} : { expiresAt: end }),
    },
    at,
  )
}

/** As a pod of EKS has it; the file is written anew by the cluster and read each time. */
const webIdentity: Way = async (at) => {
  const { variable, region, endpoint, signal } = at
  const [path, RoleArn] = [variable('AWS_WEB_IDENTITY_TOKEN_FILE'), variable('AWS_ROLE_ARN')]
  if (path === undefined || RoleArn === undefined) return undefined
  const RoleSessionName = variable('AWS_ROLE_SESSION_NAME') ?? 'atmosd'
  const input = { RoleArn, RoleSessionName, WebIdentityToken: await contentOf(path) }
  return webIdentityRequest({ region, endpoint, signal }, input)
}

const defaultProfile: Way = async (at) => {
  const keys = await profileKeys(filesOf(at), 'default')
  return keys && sessionOfKeys(keys, at)
}

const container: Way = async ({ variable, clock, signal }) => {
  const relative = variable('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI')
  const full = variable('AWS_CONTAINER_CREDENTIALS_FULL_URI')
  const url = relative === undefined ? full : `http://169.254.170.2${relative}`
  if (url === undefined || isOurs(url)) return undefined
  const file = variable('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')
  const authorization =
    file === undefined ? variable('AWS_CONTAINER_AUTHORIZATION_TOKEN') : await contentOf(file)
  return containerRequest({ url, authorization, clock, signal })
}

/** A metadata service on loopback is a broker like this one, and perhaps this one. */
const instance: Way = async ({ variable, clock, signal }) => {
  const url = variable('AWS_EC2_METADATA_SERVICE_ENDPOINT') ?? 'http://169.254.169.254'
  const disabled = variable('AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true'
  if (disabled || /^https?:\/\/(?:127\.|\[::1\]|localhost\b)/i.test(url)) return undefined
  return instanceRequest({ url, clock, signal })
}

/** What tools are given here; asking that would be asking for this very credential. */
function isOurs(url: string): boolean {
  return /^http:\/\/(?:127[\d.]+|\[::1\]|localhost):\d+\/aws\/[\w-]+$/.test(url)
}

function filesOf({ variable }: Shell) {
  const home = variable('HOME')
  const path = (name: string, usual: string) =>
    variable(name) ?? (home === undefined ? undefined : join(home, '.aws', usual))
  const credentials = path('AWS_SHARED_CREDENTIALS_FILE', 'credentials')
  return { credentials: whole(credentials), config: whole(path('AWS_CONFIG_FILE', 'config')) }
}

async function contentOf(path: string): Promise<string> {
  const bytes = await readIfPresent(whole(path) ?? '')
  if (bytes) return bytes.toString('utf8').trim()
  throw new AuthError('EnvironmentMissing', `The file ${path} is not there, which an AWS_ variable names.`, {
    hint: 'Begin again where it is.',
  })
}

/** The daemon stands elsewhere than the shell, so a relative path would be another one. */
function whole(path: string | undefined): string | undefined {
  if (path === undefined || isAbsolute(path)) return path
  throw new AuthError('ConfigInvalid', `The path ${path} of an AWS_ variable is relative.`, {
    hint: 'Give it from the root.',
  })
}
