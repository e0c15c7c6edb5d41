/** Using a credential that upstream may no longer take, though it has not expired: its word counts more than the clock. */
import type { Credential } from '../../shared/credential.ts'
import { asAuthError, isTransient } from '../../shared/errors.ts'
import { type Chain, lastStep, restOf } from '../graph/chain.ts'
import type { Held } from '../sessions/held.ts'
import { isDue, type Session, type Times } from '../sessions/session.ts'

/** With `renewed` a session that is due is not used before it has been renewed. */
export type Using = <T>(
  chain: Chain,
  use: (credential: Credential) => Promise<T>,
  renewed?: 'renewed',
) => Promise<T>

/** The broker's own ways to a session. */
interface Sessions {
  session(chain: Chain): Promise<Session>
  renew(chain: Chain): Promise<Session>
  held: Held
  clock: Times
}

export function usingWith({ session, renew, held, clock }: Sessions): Using {
  function notDue(chain: Chain): Promise<Session> {
    const current = held.peek(restOf(chain), lastStep(chain).key)
    return current && isDue(current, clock) ? renew(chain) : session(chain)
  }

  return async (chain, use, renewed) => {
    const given = await (renewed ? notDue(chain) : session(chain))
    try {
      return await use(given.credential)
    } catch (error) {
      if (asAuthError(error).code !== 'CredentialRejected') throw error
      return use((await instead(chain, given, { renew, held })).credential)
    }
  }
}

/** A session in place of one that was rejected. What cannot be renewed is not kept, unless that was an outage. */
async function instead(
  chain: Chain,
  rejected: Session,
  { renew, held }: Pick<Sessions, 'renew' | 'held'>,
): Promise<Session> {
  const { key } = lastStep(chain)
  const current = held.peek(restOf(chain), key)
  if (current && current.credential !== rejected.credential) return current
  try {
    return await renew(chain)
  } catch (error) {
    const unchanged = held.peek(restOf(chain), key)?.credential === rejected.credential
    if (unchanged && !isTransient(asAuthError(error))) await held.delete(restOf(chain), key)
    throw error
  }
}
