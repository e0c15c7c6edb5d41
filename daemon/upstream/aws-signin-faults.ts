/** What AWS Sign-In's refusals mean: their field `error` (OAuth2ErrorCode of its service model). Pure. */
import { AuthError } from '../../shared/errors.ts'
import { processJson } from './aws-json.ts'
import type { Answer } from './plain-http.ts'

type Use = 'authorization_code' | 'refresh_token'

const REFUSALS: Readonly<Record<string, () => AuthError>> = {
  TOKEN_EXPIRED: () =>
    new AuthError('LoginRequired', 'The sign-in to AWS is over: it lasts 12 hours at most.'),
  USER_CREDENTIALS_CHANGED: () =>
    new AuthError('LoginRequired', 'The sign-in to AWS is over: the password of the user was changed.'),
  AUTHCODE_EXPIRED: () =>
    new AuthError('LoginExpired', 'The code of the sign-in was too old when AWS got it.', {
      hint: 'Sign in again, and confirm sooner.',
    }),
  INSUFFICIENT_PERMISSIONS: () =>
    new AuthError('AccessDenied', 'AWS does not let this user sign in for programs.', {
      hint: 'The user needs what the AWS managed policy SignInLocalDevelopmentAccess allows.',
    }),
}

/** Throws what an answer other than 200 means for a code or for a refresh token. */
export function processSigninFault(answer: Answer, use: Use): never {
  const known = REFUSALS[errorIn(answer.text)]
  if (known) throw known()
  if (answer.status === 400 && !/throttl|toomany/i.test(answer.errorType ?? '')) throw untaken(answer, use)
  processJson(answer, use === 'refresh_token' ? 'renew a sign-in' : 'sign in')
  throw new AuthError('UpstreamUnavailable', 'AWS answered CreateOAuth2Token with nothing usable.')
}

/** Whatever is wrong with a refresh token or a code, only another sign-in gives a better one. */
function untaken(answer: Answer, use: Use): AuthError {
  const cause = answer.errorType
  if (use === 'refresh_token')
    return new AuthError('LoginRequired', 'AWS no longer takes the sign-in.', { cause })
  return new AuthError('LoginRefused', 'AWS did not take the code of the sign-in.', {
    hint: 'Sign in again. Check the clock of this machine too.',
    cause,
  })
}

function errorIn(text: string): string {
  try {
    return String((JSON.parse(text) as { error?: unknown } | null)?.error)
  } catch {
    return ''
  }
}
