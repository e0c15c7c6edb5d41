/** GitHub's token endpoint: what a workflow's job may ask for once its permissions have `id-token: write`. */
import type { OidcToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { expiryOf } from './jwt-claims.ts'
import { type Answer, httpRequest, isLoopback } from './plain-http.ts'
import { pausing } from './retry-after.ts'

export interface GithubJob {
  /** ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  url: string
  requestToken: string
  audience: string
  clock: Clock
  random: Random
  signal: AbortSignal
}

/** As often as GitHub's own toolkit asks (actions/toolkit, packages/core/src/oidc-utils.ts). */
const MOST_TRIES = 10
const FIRST_WAIT_MS = 100
const MOST_WAIT_MS = 5_000
/** A token is not used in its last seconds: it would end on its way. */
const MARGIN_MS = 30_000
const PASSING = new Set([502, 503, 504])

/** The job's token for `audience`. AccessDenied without the permission, CredentialRejected after the job's end. */
export async function idTokenRequest(job: GithubJob): Promise<OidcToken> {
  const url = idTokenUrl(job.url, job.audience)
  for (let tries = 1; ; tries++) {
    const answer = await httpRequest({ ...job, url, headers: headersOf(job), whom: 'GitHub' })
    if (!PASSING.has(answer.status) || tries === MOST_TRIES)
      return processIdToken(answer, job.audience, job.clock.now())
    const wait = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1))
    await job.clock.sleep(wait * (0.5 + job.random.unit() / 2), job.signal)
  }
}

function headersOf({ requestToken }: GithubJob): Record<string, string> {
  return { authorization: `Bearer ${requestToken}`, accept: 'application/json; api-version=2.0' }
}

/** The address that GitHub gave the job, with the audience. ConfigInvalid where the job's secret would not be safe. */
export function idTokenUrl(given: string, audience: string): string {
  const url = URL.parse(given)
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))
  if (!url || !safe || url.username || url.password) {
    throw new AuthError('ConfigInvalid', 'ACTIONS_ID_TOKEN_REQUEST_URL is no https address.', {
      hint: 'GitHub sets it in a job; leave it as it is.',
    })
  }
  const { search } = url
  url.hash = ''
  url.search = `${search}${search ? '&' : '?'}audience=${encodeURIComponent(audience)}`
  return url.href
}

export function processIdToken(answer: Answer, audience: string, now: number): OidcToken {
  if (answer.status !== 200) throw refusal(answer)
  const token = tokenIn(answer.text)
  const expiresAt = endOf(token)
  if (expiresAt === undefined)
    throw new AuthError('UpstreamUnavailable', 'GitHub answered with no token that can be read.')
  if (expiresAt <= now)
    throw new AuthError('UpstreamInvalid', 'GitHub gave a token that has already expired.', {
      hint: 'Check the clock of this machine.',
    })
  return { type: 'oidc-token', token: new Secret(token), audience, expiresAt }
}

function tokenIn(text: string): string {
  try {
    const { value } = JSON.parse(text) as { value?: unknown }
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}

/** Epoch milliseconds at which the token is no longer used. */
function endOf(token: string): number | undefined {
  const expiresAt = expiryOf(token)
  return expiresAt === undefined ? undefined : expiresAt - MARGIN_MS
}

function refusal({ status, retryAfterSeconds }: Answer): AuthError {
  const refused = `GitHub gave no token (${status})`
  if (status === 401)
    return new AuthError('CredentialRejected', `${refused}: it no longer knows the job.`, {
      hint: 'The job has ended, or runs for too long; begin again in a running job.',
    })
  if (status === 403 || status === 404)
    return new AuthError('AccessDenied', `${refused}: the job may not ask for one.`, { hint: PERMISSION })
  const pause = pausing(retryAfterSeconds)
  if (status === 429) return new AuthError('UpstreamThrottled', `${refused}: it was asked too often.`, pause)
  if (status >= 500) return new AuthError('UpstreamUnavailable', `${refused}.`, pause)
  if (status >= 300 && status < 400)
    return new AuthError('UpstreamInvalid', `${refused}: it redirects, which is not followed.`)
  return new AuthError('UpstreamInvalid', `${refused}.`)
}

export const PERMISSION = 'Give the job `permissions: { id-token: write }` in its workflow.'
