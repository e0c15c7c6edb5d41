/** `token_source` of a workload: where its issuer's token is, and which secret may go where to ask for it. */

import { AuthError } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { idTokenRequest, idTokenUrl, PERMISSION } from './github-oidc.ts'
import { soundJwt, subjectTokenOf } from './google-subject-token.ts'

/** As atmos.yaml has it; none of it means the job of GitHub Actions that the client runs in. */
export interface ConfiguredSource {
  type?: '' | 'environment' | 'file' | 'url' | undefined
  environment_variable?: string | undefined
  file_path?: string | undefined
  url?: string | undefined
  request_token?: Secret | undefined
  audience?: string | undefined
  allowed_hosts?: readonly string[] | undefined
}

interface At {
  clock: Clock
  random: Random
  signal: AbortSignal
  /** The client's value of a variable. */
  variable(name: string): string | undefined
}

const JOB = {
  mark: 'GITHUB_ACTIONS',
  url: 'ACTIONS_ID_TOKEN_REQUEST_URL',
  token: 'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
} as const

/** The client's variables that such a source needs. */
export function sourceVariables(source: ConfiguredSource | undefined): readonly string[] {
  const { environment_variable: name } = source ?? {}
  const kind = kindOf(source)
  if (kind === 'environment') return name === undefined ? [] : [name]
  return kind === 'url' && source?.request_token === undefined ? Object.values(JOB) : []
}

/** The workload's token for `pool`, unless another audience is configured. */
export async function workloadToken(
  source: ConfiguredSource | undefined,
  pool: string,
  at: At,
): Promise<Secret> {
  const { url, file_path: file, environment_variable: name, audience = pool, allowed_hosts } = source ?? {}
  const kind = kindOf(source)
  if (kind === 'url' && isOfJob(source, at)) return jobToken(allowed_hosts, audience, at)
  const sound = (token: Secret, from: string) => soundJwt(token, from, at.clock.now())
  if (kind === 'url' && url !== undefined) {
    allow(allowed_hosts, url)
    const headers = headersOf(source?.request_token)
    const asked = { url: idTokenUrl(url, audience), headers, field: 'value' }
    return sound(await subjectTokenOf(asked, at), hostOf(url))
  }
  if (kind === 'file' && file !== undefined) return sound(await subjectTokenOf({ file }, at), file)
  const text = name === undefined ? undefined : at.variable(name)
  if (text !== undefined) return sound(await subjectTokenOf({ text }, at), `${name}`)
  throw new AuthError('EnvironmentMissing', `There is no token of this workload: ${name} is not set.`, {
    hint: 'Run it where the workload runs, or use an identity that a person can sign in to.',
  })
}

/** GitHub's secret goes to the place that GitHub gave with it, and to none that a configuration names besides. */
function isOfJob(source: ConfiguredSource | undefined, { variable }: At): boolean {
  if (source?.url === undefined) return true
  const place = URL.parse(variable(JOB.url) ?? '')?.origin
  return source.request_token === undefined && place === URL.parse(source.url)?.origin
}

async function jobToken(hosts: readonly string[] | undefined, audience: string, at: At): Promise<Secret> {
  const [url, requestToken] = [at.variable(JOB.url), at.variable(JOB.token)]
  if (url === undefined || requestToken === undefined)
    throw noJob(at, url === undefined ? JOB.url : JOB.token)
  allow(hosts, url)
  const { token } = await idTokenRequest({ ...at, url, requestToken, audience })
  return token
}

function headersOf(secret: Secret | undefined): Record<string, string> {
  const accept = 'application/json'
  return secret ? { accept, authorization: `Bearer ${secret.reveal()}` } : { accept }
}

/** A job of GitHub Actions needs no source to be configured. */
function kindOf(source: ConfiguredSource | undefined): 'environment' | 'file' | 'url' {
  return source ? source.type || 'environment' : 'url'
}

function allow(hosts: readonly string[] | undefined, url: string): void {
  const host = hostOf(url)
  if (!hosts || hosts.includes(host)) return
  throw new AuthError('ConfigInvalid', `The token of this workload is at ${host}, which is not allowed.`, {
    hint: 'List the host in token_source.allowed_hosts, if it is the one that you mean.',
  })
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? 'an address that cannot be read'
}

function noJob({ variable }: At, name: string): AuthError {
  return variable(JOB.mark) === 'true'
    ? new AuthError('EnvironmentMissing', `No token for this job: ${name} is not set.`, { hint: PERMISSION })
    : new AuthError('EnvironmentMissing', `No token of a workload: ${name} is not set.`, {
        hint: 'Set token_source to where the token is, or run it in a job of GitHub Actions.',
      })
}
