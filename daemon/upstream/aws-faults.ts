import { AuthError, type FailureCode } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'

/** The one place where what the AWS SDK throws becomes a failure of ours. */
const codes: Readonly<Record<string, FailureCode>> = {
  UnauthorizedException: 'CredentialRejected',
  ExpiredToken: 'CredentialRejected',
  ExpiredTokenException: 'CredentialRejected',
  InvalidClientTokenId: 'CredentialRejected',
  UnrecognizedClientException: 'CredentialRejected',
  SignatureDoesNotMatch: 'CredentialRejected',
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
  const code = codes[name] ?? byStatus(status)
  const text =
    code === 'UpstreamUnavailable'
      ? `AWS could not be reached to ${what}: ${status === undefined ? said : `it answered ${status}`}.`
      : `AWS refused to ${what}: ${name}: ${said}`
  return new AuthError(code, text, { cause: error })
}

function byStatus(status: number | undefined): FailureCode {
  if (status === undefined || status >= 500 || status === 200) return 'UpstreamUnavailable'
  return status === 429 ? 'UpstreamThrottled' : 'UpstreamInvalid'
}
