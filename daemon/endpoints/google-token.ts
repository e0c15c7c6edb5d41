/** The tokens that Google's dialects answer with, and how long they are good for at this moment. */
import { AuthError } from '../../shared/errors.ts'
import { remaining, type Session, type Times } from '../sessions/session.ts'

/** Token and seconds that it is good for, a whole number above 0: Go and Java take no other. */
export function accessTokenOf(session: Session, clock: Times): { token: string; seconds: number } {
  const { credential, name } = session
  if (credential.type !== 'gcp-token') {
    throw new AuthError('BadRequest', `"${name}" gives no access tokens of Google Cloud.`)
  }
  const seconds = Math.max(1, Math.floor(remaining(session, clock) / 1000))
  return { token: credential.accessToken.reveal(), seconds }
}

export function tooMany(): AuthError {
  return new AuthError('BadRequest', 'This tool run has asked for too many different tokens.', {
    hint: 'Run the tool again under `atmosctl exec`.',
  })
}
