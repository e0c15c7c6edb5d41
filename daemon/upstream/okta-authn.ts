/** Okta's authentication API, one exchange at a time (Okta developer reference, "Authentication API"). */
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import type { Clock } from '../system/clock.ts'
import type { Account } from './saml-account.ts'
import type { WebSession } from './web-session.ts'

export interface OktaSignIn {
  web: WebSession
  /** The organisation's address. */
  origin: string
  account: Account
  clock: Clock
  signal: AbortSignal
}

export interface Factor {
  id?: string
  factorType?: string
  _embedded?: { challenge?: { correctAnswer?: number } }
}

/** One state of a sign-in, as far as it is looked at. */
export interface Transaction {
  status?: string
  stateToken?: string
  sessionToken?: string
  factorResult?: string
  errorCode?: string
  errorSummary?: string
  _embedded?: { factors?: Factor[]; factor?: Factor }
}

/** One step of the machine. `refused`: what was entered is not right. */
export async function authnRequest(
  { web, origin, account: { host } }: OktaSignIn,
  path: string,
  body: unknown,
): Promise<Transaction | 'refused'> {
  const { status, value } = await web.json(new URL(`/api/v1/authn${path}`, origin), body)
  return processAuthn(host, status, value)
}

/** UpstreamThrottled, UpstreamUnavailable, and UpstreamInvalid for what Okta refuses for another reason. */
export function processAuthn(host: string, status: number, value: unknown): Transaction | 'refused' {
  const said = (typeof value === 'object' && value !== null ? value : {}) as Transaction
  if (status === 200 && typeof said.status === 'string') return said
  if (REFUSED.has(said.errorCode ?? '')) return 'refused'
  if (said.errorCode === 'E0000011')
    throw new AuthError('LoginExpired', `The sign-in at ${host} took too long.`, { hint: 'Sign in again.' })
  if (status === 429)
    throw new AuthError('UpstreamThrottled', `${host} was asked too often.`, { hint: 'Wait a minute.' })
  if (status >= 500) throw new AuthError('UpstreamUnavailable', `${host} has an outage (${status}).`)
  const why = said.errorSummary ?? `it answered ${status}`
  throw new AuthError('UpstreamInvalid', `${host} does not let Okta sign in: ${printable(why, 200)}.`, {
    hint: 'Use `driver: Browser` for this provider.',
  })
}

/** Authentication failed, and a pass code that is not right (Okta, "Error codes"). */
const REFUSED = new Set(['E0000004', 'E0000068'])
