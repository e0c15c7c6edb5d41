/**
 * Every failure has a code, and one table says what a code means to each caller.
 * `status` is the HTTP status of the credential endpoints and the control API, `exit` the client's exit code,
 * `retryable` whether the same request may succeed later with nobody doing anything.
 */
export const failures = {
  // the caller's request
  BadRequest: { status: 400, exit: 2, retryable: false },
  Forbidden: { status: 403, exit: 6, retryable: false },
  NotFound: { status: 404, exit: 1, retryable: false },
  MethodNotAllowed: { status: 405, exit: 1, retryable: false },
  Usage: { status: 400, exit: 2, retryable: false },
  // the configuration
  ConfigNotFound: { status: 422, exit: 3, retryable: false },
  ConfigInvalid: { status: 422, exit: 3, retryable: false },
  EnvironmentNeeded: { status: 428, exit: 3, retryable: false },
  EnvironmentMissing: { status: 403, exit: 3, retryable: false },
  IdentityUnknown: { status: 403, exit: 3, retryable: false },
  IdentityRequired: { status: 422, exit: 3, retryable: false },
  ProviderUnknown: { status: 422, exit: 3, retryable: false },
  ProfileUnknown: { status: 422, exit: 3, retryable: false },
  ConfigUntrusted: { status: 403, exit: 3, retryable: false },
  KindUnsupported: { status: 403, exit: 3, retryable: false },
  // the person
  LoginRequired: { status: 403, exit: 4, retryable: false },
  LoginRefused: { status: 403, exit: 4, retryable: false },
  LoginExpired: { status: 403, exit: 4, retryable: false },
  LoginCancelled: { status: 403, exit: 130, retryable: false },
  // the cloud
  AccessDenied: { status: 403, exit: 5, retryable: false },
  CredentialRejected: { status: 403, exit: 5, retryable: false },
  UpstreamInvalid: { status: 403, exit: 5, retryable: false },
  UpstreamThrottled: { status: 503, exit: 5, retryable: true },
  UpstreamUnavailable: { status: 503, exit: 5, retryable: true },
  Pending: { status: 503, exit: 5, retryable: true },
  // the daemon and what it keeps
  DaemonUnreachable: { status: 503, exit: 6, retryable: true },
  DaemonRunning: { status: 409, exit: 6, retryable: false },
  PortTaken: { status: 500, exit: 6, retryable: false },
  UnsafePath: { status: 500, exit: 6, retryable: false },
  GrantRevoked: { status: 403, exit: 4, retryable: false },
  PasswordRequired: { status: 403, exit: 7, retryable: false },
  PasswordWrong: { status: 403, exit: 7, retryable: false },
  StoreDamaged: { status: 500, exit: 7, retryable: false },
  StoreUnavailable: { status: 503, exit: 7, retryable: true },
  Internal: { status: 500, exit: 1, retryable: false },
} as const

export type FailureCode = keyof typeof failures

/** A failure that a person or a tool will read: what happened, and in `hint` what to do about it. */
export class AuthError extends Error {
  readonly code: FailureCode
  readonly hint: string | undefined
  /** Machine-readable particulars, such as the names of environment variables; never a secret. */
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: FailureCode,
    message: string,
    more: { hint?: string | undefined; cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'AuthError'
    this.code = code
    this.hint = more.hint
    this.details = more.details
  }
}

/** The failure as an AuthError: itself, or Internal with the original as its cause. */
export function asAuthError(error: unknown): AuthError {
  if (error instanceof AuthError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new AuthError('Internal', message, { cause: error })
}

/** Whether the same request may succeed later with nobody doing anything (network, throttling, outage). */
export function isTransient(error: AuthError): boolean {
  return failures[error.code].retryable
}

/** For how many milliseconds the cloud does not want to be asked again (`Retry-After`), where it said so. */
export function pauseMs({ details }: AuthError): number {
  const seconds = Number(details?.retryAfterSeconds)
  return seconds > 0 ? seconds * 1000 : 0
}

/** A failure as it crosses the control socket. */
export interface FailureBody {
  code: FailureCode
  message: string
  hint?: string
  details?: Record<string, unknown>
}

export function toFailureBody(error: AuthError): FailureBody {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.details === undefined ? {} : { details: error.details }),
  }
}

export function fromFailureBody(body: FailureBody): AuthError {
  const code = Object.hasOwn(failures, body.code) ? body.code : 'Internal'
  return new AuthError(code, body.message, {
    hint: body.hint,
    ...(body.details === undefined ? {} : { details: body.details }),
  })
}
