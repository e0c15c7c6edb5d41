/** Failures in the words of each dialect. */
import { AuthError, failures, isTransient } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'

export interface FailureAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** SDKs print what they get, into terminals and CI logs. */
const LONGEST = 480

/** The container credentials dialect: the Java SDK reads `code` and `message`, others `Code` and `Message`. */
export function containerFailure(error: AuthError, status = endpointStatus(error)): FailureAnswer {
  const { code } = error
  const message = sentence(error)
  const headers: Record<string, string> = {}
  if (status === 503) headers['Retry-After'] = '1'
  if (status === 405) headers.Allow = 'GET'
  return {
    status,
    headers,
    body: Buffer.from(JSON.stringify({ code, message, Code: code, Message: message })),
  }
}

/** What happened and what to do, in one line. */
export function sentence({ message, hint }: AuthError): string {
  return printable([message, hint].filter(Boolean).join(' '), LONGEST)
}

/**
 * SDKs retry 5xx and give up on 4xx, so 503 is for what will pass and 403 for what will not; a guard's no keeps its own.
 * Never 404: Java would say that there is nothing at the address.
 */
export function endpointStatus(error: AuthError): number {
  const { status } = failures[error.code]
  if (isTransient(error)) return 503
  return status === 400 || status === 405 || status === 500 ? status : 403
}

/** One answer for a wrong secret, an unknown grant and a revoked one: who guesses learns nothing. */
export function unknownGrant(authorization: string | undefined): AuthError {
  const message = authorization
    ? 'The authorization is not valid (any more).'
    : 'The authorization is missing.'
  return new AuthError('GrantRevoked', message, { hint: 'Run the tool again under `atmosctl exec`.' })
}
