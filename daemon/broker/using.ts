/** Using a credential that upstream may no longer take, though it has not expired: its word counts more than the clock. */
import type { Credential } from '../../shared/credential.ts'
import { asAuthError, isTransient } from '../../shared/errors.ts'
import { type Chain, lastStep, restOf } from '../graph/chain.ts'
import type { Held } from '../sessions/held.ts'
import { isDue, type Session, type Times } from '../sessions/session.ts'

export type Using = <T>(chain: Chain, use: (credential: Credential) => Promise<T>) => Promise<T>

/** The broker's own ways to a session. */
interface Sessions {
  session(chain: Chain): Promise<Session>
  renew(chain: Chain): Promise<Session>
  held: Held
}

export function usingWith({ session, renew, held }: Sessions): Using {
  return async (chain, use) => {
    const given = await session(chain)
    try {
      return await use(given.credential)
    } catch (error) {
      if (asAuthError(error).code !== 'CredentialRejected') throw error
      return use((await instead(chain, given, { renew, held })).credential)
    }
  }
}

export type Passing = (chain: Chain, known: Session | undefined) => Promise<Credential>

/**
 * What `chain` gives to one that only hands it on, whose last was `known`. Where it is the same, or due itself, it is
 * renewed first: handed on, it would be no newer.
 */
export function passingWith({ session, renew, clock }: Passed): Passing {
  return async (chain, known) => {
    const given = await session(chain)
    const isSame = given.expiresAt === known?.expiresAt
    if (!isSame && !isDue(given, clock)) return given.credential
    const renewed = await renew(chain).catch((error) => {
      if (isSame) throw error
      return given
    })
    return renewed.credential
  }
}

interface Passed extends Pick<Sessions, 'session' | 'renew'> {
  clock: Times
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
