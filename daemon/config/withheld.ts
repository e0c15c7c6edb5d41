/** Why the identities of a portal could not be looked up: which reason counts, and for how long. Pure. */
import type { AuthError } from '../../shared/errors.ts'

/** The first one, but anything before what a client's values and a person's trust alone decide. */
export function graver(known: AuthError | undefined, next: AuthError): AuthError {
  return known && (!isSettled(known) || isSettled(next)) ? known : next
}

/** Whether a failure stays as it is for the same files, values and trust. */
export function isSettled({ code }: AuthError): boolean {
  return code === 'EnvironmentMissing' || code === 'ConfigUntrusted'
}
