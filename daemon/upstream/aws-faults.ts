import { AuthError, type FailureCode } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { pausing, secondsOf } from './retry-after.ts'

/** The one place where what the AWS SDK throws becomes a failure of ours. */
const codes: Readonly<Record<string, FailureCode>> = {
  UnauthorizedException: 'CredentialRejected',
  ExpiredToken: 'CredentialRejected',
  ExpiredTokenException: 'CredentialRejected',
  InvalidClientTokenId: 'CredentialRejected',
  UnrecognizedClientException: 'CredentialRejected',
  SignatureDoesNotMatch: 'CredentialRejected',
  IDPRejectedClaimException: 'AccessDenied',
  IDPCommunicationErrorException: 'UpstreamUnavailable',
  AccessDenied: 'AccessDenied',
  AccessDeniedException: 'AccessDenied',
  ForbiddenException: 'AccessDenied',
  TooManyRequestsException: 'UpstreamThrottled',
  Throttling: 'UpstreamThrottled',
  ThrottlingException: 'UpstreamThrottled',
  SlowDown: 'UpstreamThrottled',
}

interface SdkError {
  name?: string
  message?: string
  error_description?: string
  $metadata?: { httpStatusCode?: number }
  $response?: { headers?: Record<string, string> }
}

/** Runs one SDK call and translates its failure; `what` completes "AWS refused to …". */
export async function translated<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw fromAws(error, what)
  }
}

/** A failure of an AWS call: its code from AWS's own error name, else from the HTTP status, else the network's. */
export function fromAws(error: unknown, what: string): AuthError {
  if (error instanceof AuthError) return error
  const { name = 'Error', message, error_description, $metadata } = error as SdkError
  const said = printable(message || error_description || name, 300)
  const status = $metadata?.httpStatusCode
  if (isSkewed(name, said)) return skewed(said, what, error)
  const code = codes[name] ?? byStatus(status)
  const text =
    code === 'UpstreamUnavailable'
      ? `AWS could not be reached to ${what}: ${status === undefined ? said : `it answered ${status}`}.`
      : `AWS refused to ${what}: ${name}: ${said}`
  return new AuthError(code, text, { cause: error, ...pausing(pauseIn(error as SdkError)) })
}

/** AWS sends seconds and no date (Smithy 2.0, "httpRetryAfter"). */
function pauseIn({ $response }: SdkError) {
  return secondsOf($response?.headers?.['retry-after'], Number.POSITIVE_INFINITY)
}

function byStatus(status: number | undefined): FailureCode {
  if (status === undefined || status >= 500 || status < 400) return 'UpstreamUnavailable'
  return status === 429 ? 'UpstreamThrottled' : 'UpstreamInvalid'
}

/** Signature V4 is good for some minutes; AWS calls a late one by the name of a wrong one. */
function isSkewed(name: string, said: string): boolean {
  return (
    /^RequestExpired|^RequestTimeTooSkewed|^RequestInTheFuture/.test(name) ||
    /^Signature (?:expired|not yet current)/.test(said)
  )
}

function skewed(said: string, what: string, cause: unknown): AuthError {
  const message = `AWS refused to ${what}, as the clock of this machine is wrong: ${said}`
  return new AuthError('UpstreamInvalid', message, {
    hint: 'Set the clock; the keys may well be right.',
    cause,
  })
}

/** Rethrows a failure, with a hint for its code where it has none yet. */
export function hinting(hints: Partial<Record<FailureCode, string>>): (error: AuthError) => never {
  return (error) => {
    const hint = hints[error.code]
    if (hint === undefined || error.hint !== undefined) throw error
    const { code, message, details } = error
    throw new AuthError(code, message, { hint, cause: error, ...(details ? { details } : {}) })
  }
}
