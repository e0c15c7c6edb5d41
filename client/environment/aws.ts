/** The variables that give AWS's tools their credentials, and those that would win over them. Pure. */
import type { AwsCredentialReply } from '../../shared/credential-reply.ts'
import { formatInstant } from '../../shared/duration.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { type Before, type Environment, noProxy } from './change.ts'

/** A credential itself. */
const STATIC = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
]

/** Profiles and roles that the SDKs look at before the container endpoint, and some even before a credential. */
const OTHERS = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
]

const ENDPOINT = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']
/** What SDKs ask in place of an instance's metadata service, and how. */
const IMDS = ['AWS_EC2_METADATA_SERVICE_ENDPOINT', 'AWS_EC2_METADATA_V1_DISABLED']
const IMDS_OTHERS = [
  'AWS_EC2_METADATA_DISABLED',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE',
  'AWS_EC2_INSTANCE_PROFILE_NAME',
  'AWS_IMDS_USE_IPV6',
  'AWS_METADATA_URL',
]
const FILES = ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']

/** What wins over the container endpoint where it is set. */
export const awsWinners = [...STATIC, ...OTHERS]

/** Names that decide whose credentials a tool uses. */
export const awsReserved = [...STATIC, ...OTHERS, ...ENDPOINT, ...FILES]

/** A file with a `[default]` profile would win as well; a path with nothing at it has none. */
const NO_FILE = '/dev/null'

type Grant = Pick<GrantReply, 'url' | 'token' | 'region'>
type Own = Readonly<Record<string, string>>

/** By the container endpoint, the usual way. */
export function awsEnvironment(grant: Grant, own: Own, env: Before): Environment {
  const set: Record<string, string> = {
    ...regions(grant),
    AWS_EC2_METADATA_DISABLED: 'true',
    ...own,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: grant.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: grant.token,
  }
  return { set: { ...set, ...noFiles(), ...noProxy(own, env) }, unset: [...STATIC, ...OTHERS] }
}

/** For tools that can ask nothing but an instance's metadata service. */
export function imdsEnvironment(grant: Grant, variables: Own, env: Before): Environment {
  const own = Object.fromEntries(
    Object.entries(variables).filter(([name]) => ![...IMDS, ...IMDS_OTHERS].includes(name)),
  )
  const set: Record<string, string> = {
    ...regions(grant),
    ...own,
    // The slash is for versions of botocore that put the path right behind it; nobody takes it for a path.
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `${grant.url}/`,
    AWS_EC2_METADATA_V1_DISABLED: 'true',
  }
  const unset = [...STATIC, ...OTHERS, ...ENDPOINT, ...IMDS_OTHERS]
  return { set: { ...set, ...noFiles(), ...noProxy(own, env) }, unset }
}

/** The credential itself as variables, for tools that cannot ask an endpoint. */
export function awsStatic(credential: AwsCredentialReply, own: Own): Environment {
  const set: Record<string, string> = {
    ...regions(credential),
    ...own,
    AWS_ACCESS_KEY_ID: credential.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credential.secretAccessKey,
    AWS_SESSION_TOKEN: credential.sessionToken,
    AWS_CREDENTIAL_EXPIRATION: formatInstant(credential.expiresAt),
  }
  return { set, unset: [...OTHERS, ...ENDPOINT, 'AWS_SECURITY_TOKEN'] }
}

function regions({ region }: Pick<GrantReply, 'region'>): Record<string, string> {
  return { AWS_REGION: region, AWS_DEFAULT_REGION: region }
}

function noFiles(): Record<string, string> {
  return Object.fromEntries(FILES.map((name) => [name, NO_FILE]))
}
