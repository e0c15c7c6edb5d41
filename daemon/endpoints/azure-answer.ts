/** Answers in the words of Azure's managed identities. Every client reads other members, so that all are there. */
import type { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { remaining, type Session, type Times } from '../sessions/session.ts'
import { endpointStatus, type FailureAnswer } from './failures.ts'

/** Times are texts of decimal digits in seconds, counted when the answer is made: azurerm reads `expires_in` alone. */
export function tokenBody(
  session: Session,
  { token, resource, client }: { token: string; resource: string; client: string | undefined },
  clock: Times,
) {
  const left = Math.floor(remaining(session, clock) / 1000)
  return {
    access_token: token,
    token_type: 'Bearer',
    resource,
    expires_in: String(left),
    expires_on: String(Math.floor(clock.now() / 1000) + left),
    not_before: String(Math.floor(session.issuedAt / 1000)),
    ...(client === undefined ? {} : { client_id: client }),
  }
}

/** The words of RFC 6749, section 5.2 and 4.1.2.1, which Azure's services use as well. */
const words: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  403: 'unauthorized_client',
  405: 'method_not_allowed',
  413: 'invalid_request',
  500: 'server_error',
  503: 'temporarily_unavailable',
}

/** Clients print the whole body into terminals and logs. */
const LARGEST_BODY = 512

export function azureFailure(error: AuthError, status = endpointStatus(error)): FailureAnswer {
  const headers: Record<string, string> = {}
  if (status === 503) headers['Retry-After'] = '1'
  if (status === 405) headers.Allow = 'GET'
  const { azure = {} } = (error.details ?? {}) as { azure?: object }
  const body = (message: string) =>
    Buffer.from(
      JSON.stringify({
        error: words[status] ?? 'invalid_request',
        error_description: message,
        message,
        statusCode: status,
        ...azure,
      }),
    )
  return { status, headers, body: body(shortened(error, (text) => body(text).length <= LARGEST_BODY)) }
}

/** What happened and what to do, in one line: of what happened, as much as leaves room for what to do. */
function shortened({ message, hint = '' }: AuthError, fits: (text: string) => boolean): string {
  const [happened, cure] = [calm(message), calm(hint)]
  const whole = [happened, cure].filter(Boolean).join(' ')
  if (fits(whole)) return whole
  for (let length = happened.length; length > 0; length -= 8) {
    const text = `${happened.slice(0, length)}… ${cure}`.trim()
    if (fits(text)) return text
  }
  return cure.slice(0, 80)
}

const LONGEST = 480

/** The Go SDK takes a 403 that says "unreachable" for a machine without identities (azidentity, managedIdentityClient). */
function calm(text: string): string {
  return printable(text, LONGEST).replace(/unreachable/gi, 'out of reach')
}
