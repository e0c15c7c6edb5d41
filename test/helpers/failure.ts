/** How something failed. */
import { type AuthError, asAuthError } from '../../shared/errors.ts'

/** Throws where nothing failed. */
export async function failure(work: Promise<unknown>): Promise<AuthError> {
  try {
    await work
  } catch (error) {
    return asAuthError(error)
  }
  throw new Error('it did not fail')
}

/** The same of what fails at once. */
export function failureOf(work: () => unknown): AuthError {
  try {
    work()
  } catch (error) {
    return asAuthError(error)
  }
  throw new Error('it did not fail')
}
