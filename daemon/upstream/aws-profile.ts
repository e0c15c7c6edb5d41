/**
 * A profile of the AWS tools' own files, as far as it holds keys (AWS SDKs and Tools Reference Guide, "Shared config
 * and credentials files"). What would run a program or sign in elsewhere is refused by name.
 */
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import { readIfPresent } from '../system/files.ts'
import type { FoundKeys } from './found-keys.ts'

export interface ProfileFiles {
  /** Absolute paths, where there are any. */
  credentials: string | undefined
  config: string | undefined
}

type Section = Readonly<Record<string, string>>

/** What such a profile lives on, with the kind to use in its place. */
const OTHER_WAYS: readonly [setting: string, instead: string][] = [
  ['role_arn', 'Use aws/assume-role after aws/ambient or after another identity.'],
  ['sso_session', 'Use aws/iam-identity-center with aws/permission-set.'],
  ['sso_start_url', 'Use aws/iam-identity-center with aws/permission-set.'],
  ['credential_process', 'Run that program yourself, and give what it prints as AWS_… variables.'],
  ['login_session', 'Use aws/user, which signs in the same way.'],
  ['web_identity_token_file', 'Set AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN instead.'],
]

/** The keys of a profile, read anew each time; undefined where no file has it. */
export async function profileKeys(files: ProfileFiles, profile: string): Promise<FoundKeys | undefined> {
  const [credentials, config] = await Promise.all([textOf(files.credentials), textOf(files.config)])
  return processProfile({ credentials, config }, profile)
}

/**
 * The credentials file wins over the config file, and a role over keys, as in the SDKs: who chose a role would be
 * surprised by the rights of its source. ConfigInvalid where the profile lives on something else.
 */
export function processProfile(
  { credentials, config }: Record<keyof ProfileFiles, string>,
  profile: string,
): FoundKeys | undefined {
  const own = sections(credentials)[profile]
  const general = sections(config)
  const other = general[profile === 'default' ? 'default' : `profile ${profile}`]
  if (!own && !other) return undefined
  const [setting, instead] = OTHER_WAYS.find(([name]) => own?.[name] ?? other?.[name]) ?? []
  const keys = setting === 'role_arn' ? undefined : (keysIn(own) ?? (setting ? undefined : keysIn(other)))
  if (keys) return keys
  if (!setting && profile === 'default') return undefined // settings alone, such as a region
  throw new AuthError(
    'ConfigInvalid',
    setting
      ? `The AWS profile "${profile}" lives on ${setting}, which aws/ambient does not follow.`
      : `The AWS profile "${profile}" has no keys.`,
    { hint: instead ?? 'Give it aws_access_key_id and aws_secret_access_key.' },
  )
}

function keysIn(section: Section | undefined): FoundKeys | undefined {
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = section ?? {}
  if (!id || !secret) return undefined
  // Not AWS's own, but what tools that sign in write beside their keys.
  const end = Date.parse(section?.x_security_token_expires ?? section?.aws_credential_expiration ?? '')
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...(token ? { sessionToken: new Secret(token) } : {}),
    ...(Number.isNaN(end) ? {} : { expiresAt: end }),
  }
}

/** Lines that are indented belong to a setting above, which is none of ours. */
function sections(text: string): Record<string, Section> {
  const all: Record<string, Record<string, string>> = Object.create(null)
  let section: Record<string, string> | undefined
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]?.replace(/\s+/g, ' ').replaceAll('"', '')
    const [, name, value = ''] = /^([\w.-]+)\s*=\s*(.*)$/.exec(line) ?? []
    if (heading !== undefined) section = all[heading] ??= Object.create(null) as Record<string, string>
    else if (name && section) section[name.toLowerCase()] = value.replace(/\s[#;].*$/, '').trim()
  }
  return all
}

async function textOf(path: string | undefined): Promise<string> {
  return (path === undefined ? undefined : await readIfPresent(path))?.toString('utf8') ?? ''
}
