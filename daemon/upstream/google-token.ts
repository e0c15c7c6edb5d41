/** Google's answers with a token (RFC 6749 §5.1), and whose a token is. */
import type { GcpToken } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'
import { unusable } from './google-faults.ts'
import { type Body, type Google, googleRequest } from './google-http.ts'

/** What a token is for unless somebody says otherwise. */
export const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform'
/** With it a token tells the mail address of its account. */
export const EMAIL_SCOPE = 'https://www.googleapis.com/auth/userinfo.email'

const WHOSE_LIMIT_MS = 3_000

/** `what` as for a request. UpstreamUnavailable where there is no token, or one without an end. */
export function processToken(body: Body, now: number, what: string): GcpToken {
  const { access_token: token, expires_in: given } = body
  const seconds = Number(given)
  if (typeof token !== 'string' || token === '' || !(seconds > 0)) throw unusable(what)
  return { type: 'gcp-token', accessToken: new Secret(token), expiresAt: now + seconds * 1000 }
}

/** The mail address of a token's account; undefined where the token's scopes do not tell it, or Google does not answer. */
export async function mailOf(at: Google, { accessToken }: GcpToken): Promise<string | undefined> {
  const what = 'say whose token it is'
  // In a header: addresses are written to more logs than headers are.
  const asking = { service: 'oauth2', path: '/tokeninfo', bearer: accessToken, what } as const
  const form = new URLSearchParams()
  const told = await googleRequest(at, { ...asking, form, limitMs: WHOSE_LIMIT_MS }).catch(() => undefined)
  return typeof told?.email === 'string' && told.email.includes('@') ? told.email : undefined
}
