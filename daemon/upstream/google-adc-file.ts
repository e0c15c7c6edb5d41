/** A file of Application Default Credentials (https://google.aip.dev/auth/4110), as far as this daemon follows it. */
import { Secret } from '../../shared/secret.ts'
import {
  broken,
  type Json,
  objectIn,
  objectOf,
  type Read,
  readerOf,
  textsOf,
  unfollowed,
} from './google-adc-json.ts'
import type { TokenSource } from './google-subject-token.ts'

/** A sign-in of gcloud's. */
export interface UserFile {
  type: 'authorized_user'
  clientId: string
  clientSecret: Secret
  refreshToken: Secret
  account?: string | undefined
  quotaProject?: string | undefined
}
/** The key of a service account. */
export interface KeyFile {
  type: 'service_account'
  email: string
  key: Secret
}
/** A workload of another issuer. */
export interface WorkloadFile {
  type: 'external_account'
  audience: string
  subjectType: string
  source: TokenSource
}
/** Another of them, acting as a service account. */
export interface ActingFile {
  type: 'impersonated_service_account'
  source: UserFile | KeyFile | WorkloadFile
  target: string
  delegates: readonly string[]
  seconds?: number | undefined
  quotaProject?: string | undefined
}
export type AdcFile = UserFile | KeyFile | WorkloadFile | ActingFile

/** Undefined where a daemon like this one made the file: asking it would be a circle. ConfigInvalid, KindUnsupported. */
export function processAdc(text: string, path: string): AdcFile | undefined {
  const json = objectIn(text)
  if (!json) throw broken(path, 'is no JSON object')
  return isOurs(json) ? undefined : adcIn(json, path)
}

function adcIn(json: Json, path: string): AdcFile {
  const read = readerOf(json, path)
  const universe = read.may('universe_domain') ?? 'googleapis.com'
  if (universe !== 'googleapis.com') throw unfollowed(path, `credentials of the universe ${universe}`)
  const type = read.may('type') ?? ''
  if (type === 'authorized_user') return userIn(read)
  if (type === 'service_account') return keyIn(read)
  if (type === 'external_account') return workloadIn(json, read, path)
  if (type === 'impersonated_service_account') return actingIn(json, read, path)
  throw unfollowed(path, type === '' ? 'no type that is known' : `credentials of the type ${type}`)
}

function userIn({ must, may }: Read): UserFile {
  return {
    type: 'authorized_user',
    clientId: must('client_id'),
    clientSecret: new Secret(must('client_secret')),
    refreshToken: new Secret(must('refresh_token')),
    account: may('account'),
    quotaProject: may('quota_project_id'),
  }
}

function keyIn({ must }: Read): KeyFile {
  const [email, key] = [must('client_email'), new Secret(must('private_key'))]
  return { type: 'service_account', email, key }
}

function workloadIn(json: Json, { must, may }: Read, path: string): WorkloadFile | ActingFile {
  // Where the token is sent does not follow the file, but a file that means another place is not for Google.
  const host = URL.parse(may('token_url') ?? 'https://sts.googleapis.com')?.hostname ?? ''
  if (!/^sts(?:\.[\w-]+\.rep)?\.googleapis\.com$/.test(host))
    throw unfollowed(path, "a token_url that is not Google's")
  const source: WorkloadFile = {
    type: 'external_account',
    audience: must('audience'),
    subjectType: must('subject_token_type'),
    source: sourceIn(json, path),
  }
  const url = may('service_account_impersonation_url')
  if (url === undefined) return source
  const seconds = objectOf(json.service_account_impersonation)?.token_lifetime_seconds
  return {
    type: 'impersonated_service_account',
    source,
    target: accountIn(url, path),
    delegates: [],
    seconds: typeof seconds === 'number' ? seconds : undefined,
    quotaProject: may('quota_project_id'),
  }
}

/** What would run a program or needs keys of this process's own environment is refused by name. */
function sourceIn(json: Json, path: string): TokenSource {
  const source = objectOf(json.credential_source) ?? {}
  const format = objectOf(source.format) ?? {}
  const field = format.type === 'json' ? String(format.subject_token_field_name) : undefined
  if (typeof source.file === 'string') return { file: source.file, field }
  if (typeof source.url === 'string' && source.environment_id === undefined)
    return { url: source.url, headers: textsOf(source.headers), field }
  throw unfollowed(path, 'a credential_source that is neither a file nor an address')
}

function actingIn(json: Json, { must, may }: Read, path: string): ActingFile {
  const source = adcIn(objectOf(json.source_credentials) ?? {}, path)
  if (source.type === 'impersonated_service_account')
    throw unfollowed(path, 'source_credentials that act as another account themselves')
  const { delegates } = json
  return {
    type: 'impersonated_service_account',
    source,
    target: accountIn(must('service_account_impersonation_url'), path),
    delegates: Array.isArray(delegates) ? delegates.map(String) : [],
    quotaProject: may('quota_project_id'),
  }
}

function accountIn(url: string, path: string): string {
  const [, account] = /\/serviceAccounts\/([^@/:]+@[\w.-]+):generateAccessToken$/.exec(url) ?? []
  if (account) return account
  throw broken(path, 'has a service_account_impersonation_url that names no account')
}

function isOurs({ token_url: url }: Json): boolean {
  return typeof url === 'string' && /^http:\/\/(?:127[\d.]+|\[::1\]|localhost)[:/]/.test(url)
}
