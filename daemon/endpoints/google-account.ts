/** The account that an identity's tokens are of, by its mail address: Google's tools know an account by nothing else. */
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import { asAuthError, isTransient } from '../../shared/errors.ts'
import type { Session } from '../sessions/session.ts'

const MAIL = /^[\w.+-]+@[\w.-]+$/

/**
 * The one of the configuration, else the one that Google told with the token. Else an address that stands for it: gcloud
 * and the Python library do nothing without one, and gcloud keeps tokens under it, so that each identity has its own. It
 * can be no real one (RFC 2606 section 2). So it is where there is no session: what is wrong, the token's answer says.
 * Throws what will pass by itself.
 */
export async function accountOf(
  identity: string,
  facts: CloudFacts,
  session: () => Promise<Session>,
): Promise<string> {
  const told = facts.account ?? (await session().then(principalOf, permanently))
  return told && MAIL.test(told) ? told : `${identity.replace(/[^\w.-]+/g, '-')}@atmosd.invalid`
}

function principalOf({ credential }: Session): string | undefined {
  return credential.type === 'gcp-token' ? credential.principal : undefined
}

function permanently(error: unknown): undefined {
  const failure = asAuthError(error)
  if (isTransient(failure)) throw failure
}
