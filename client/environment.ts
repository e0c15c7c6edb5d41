/** The variables that give a tool its credentials, and those that would win over them. Pure. */
import type { GrantReply } from '../shared/replies.ts'

export interface Environment {
  set: Record<string, string>
  unset: string[]
}

/** Credentials and profiles that the AWS SDKs look at before the container endpoint. */
const AWS_UNSET = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
]

/** Addresses that no proxy can reach for us. */
const DIRECT = ['127.0.0.1', 'localhost', '169.254.169.254', '169.254.170.2', 'metadata.google.internal']

/** A file with a `[default]` profile would win as well; a path with nothing at it has none. */
const NO_FILE = '/dev/null'

export function environmentOf(
  grant: GrantReply,
  env: Readonly<Record<string, string | undefined>>,
): Environment {
  const set: Record<string, string> = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: grant.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: grant.token,
    AWS_REGION: grant.region,
    AWS_DEFAULT_REGION: grant.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SHARED_CREDENTIALS_FILE: NO_FILE,
    AWS_CONFIG_FILE: NO_FILE,
  }
  for (const name of ['NO_PROXY', 'no_proxy']) set[name] = withDirect(env.NO_PROXY ?? env.no_proxy)
  return { set, unset: AWS_UNSET }
}

/** `env` as the tool will see it. */
export function applied(
  env: Readonly<Record<string, string | undefined>>,
  change: Environment,
): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !change.unset.includes(entry[0]),
  )
  return { ...Object.fromEntries(kept), ...change.set }
}

function withDirect(before: string | undefined): string {
  const hosts = (before ?? '').split(',').map((host) => host.trim())
  return [...new Set([...hosts.filter((host) => host !== ''), ...DIRECT])].join(',')
}
