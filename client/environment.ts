/** The variables that give a tool its credentials, and those that would win over them. Pure. */
import type { CredentialReply } from '../shared/credential-reply.ts'
import { formatInstant } from '../shared/duration.ts'
import type { GrantReply } from '../shared/replies.ts'

export interface Environment {
  set: Record<string, string>
  unset: string[]
}

type Before = Readonly<Record<string, string | undefined>>

/** A credential itself. */
const AWS_STATIC = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
]

/** Profiles and roles that the AWS SDKs look at before the container endpoint, and some even before a credential. */
const AWS_OTHERS = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
]

const AWS_ENDPOINT = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']
/** What SDKs ask in place of an instance's metadata service, and how. */
const AWS_IMDS = ['AWS_EC2_METADATA_SERVICE_ENDPOINT', 'AWS_EC2_METADATA_V1_DISABLED']
const AWS_IMDS_OTHERS = [
  'AWS_EC2_METADATA_DISABLED',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE',
  'AWS_EC2_INSTANCE_PROFILE_NAME',
  'AWS_IMDS_USE_IPV6',
  'AWS_METADATA_URL',
]
const AWS_FILES = ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']

/** Names that decide whose credentials a tool uses; an identity's own variables may have any other. */
const RESERVED = new Set([...AWS_STATIC, ...AWS_OTHERS, ...AWS_ENDPOINT, ...AWS_FILES])

/** Addresses that no proxy can reach for us. */
const DIRECT = ['127.0.0.1', 'localhost', '169.254.169.254', '169.254.170.2', 'metadata.google.internal']

/** A file with a `[default]` profile would win as well; a path with nothing at it has none. */
const NO_FILE = '/dev/null'

export function environmentOf(grant: GrantReply, env: Before): Environment {
  if (grant.dialect === 'aws-imds') return imdsEnvironmentOf(grant, env)
  const own = allowed(grant)
  const set: Record<string, string> = {
    AWS_REGION: grant.region,
    AWS_DEFAULT_REGION: grant.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...own,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: grant.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: grant.token,
  }
  return { set: { ...set, ...noFiles(), ...noProxy(own, env) }, unset: [...AWS_STATIC, ...AWS_OTHERS] }
}

/** For tools that can ask nothing but an instance's metadata service. */
function imdsEnvironmentOf(grant: GrantReply, env: Before): Environment {
  const own = Object.fromEntries(
    Object.entries(allowed(grant)).filter(([name]) => ![...AWS_IMDS, ...AWS_IMDS_OTHERS].includes(name)),
  )
  const set: Record<string, string> = {
    AWS_REGION: grant.region,
    AWS_DEFAULT_REGION: grant.region,
    ...own,
    // The slash is for versions of botocore that put the path right behind it; nobody takes it for a path.
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `${grant.url}/`,
    AWS_EC2_METADATA_V1_DISABLED: 'true',
  }
  const unset = [...AWS_STATIC, ...AWS_OTHERS, ...AWS_ENDPOINT, ...AWS_IMDS_OTHERS]
  return { set: { ...set, ...noFiles(), ...noProxy(own, env) }, unset }
}

function noFiles(): Record<string, string> {
  return Object.fromEntries(AWS_FILES.map((name) => [name, NO_FILE]))
}

/** botocore asks even an address of this machine by way of a proxy, unless it is told not to. */
function noProxy(own: Before, env: Before): Record<string, string> {
  const direct = withDirect(own.NO_PROXY ?? own.no_proxy ?? env.NO_PROXY ?? env.no_proxy)
  return { NO_PROXY: direct, no_proxy: direct }
}

/** The credential itself as variables, for tools that cannot ask an endpoint. */
export function staticEnvironmentOf(credential: CredentialReply): Environment {
  const set: Record<string, string> = {
    AWS_REGION: credential.region,
    AWS_DEFAULT_REGION: credential.region,
    ...allowed(credential),
    AWS_ACCESS_KEY_ID: credential.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credential.secretAccessKey,
    AWS_SESSION_TOKEN: credential.sessionToken,
    AWS_CREDENTIAL_EXPIRATION: formatInstant(credential.expiresAt),
  }
  return { set, unset: [...AWS_OTHERS, ...AWS_ENDPOINT, 'AWS_SECURITY_TOKEN'] }
}

/** The values that no log may show. */
export function secretsIn({ set }: Environment): string[] {
  const names = ['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']
  return names.flatMap((name) => set[name] ?? [])
}

/** Names of an identity's own variables that are left out, since the tool would get other credentials by them. */
export function refusedVariables({ variables = {} }: Pick<GrantReply, 'variables'>): string[] {
  return Object.keys(variables).filter((name) => RESERVED.has(name))
}

function allowed({ variables = {} }: Pick<GrantReply, 'variables'>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !RESERVED.has(name)))
}

/** `env` as the tool will see it. */
export function applied(env: Before, change: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !change.unset.includes(entry[0]),
  )
  return { ...Object.fromEntries(kept), ...change.set }
}

function withDirect(before: string | undefined): string {
  const hosts = (before ?? '').split(',').map((host) => host.trim())
  return [...new Set([...hosts.filter((host) => host !== ''), ...DIRECT])].join(',')
}
