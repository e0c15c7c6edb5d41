/** Identity in, fresh session out: the only place that mints. Who asks, and over what dialect, it does not know. */
import { AuthError } from '../../shared/errors.ts'
import { type Chain, isWantedOf, lastStep, restOf } from '../graph/chain.ts'
import type { Entrusted } from '../sessions/entrusted.ts'
import type { Held } from '../sessions/held.ts'
import { isDue, isServable, remaining, renewFirst, type Session } from '../sessions/session.ts'
import { type Clock, within } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import { flyWith } from './flight.ts'
import type { Asking, Minting } from './mint.ts'
import { refusing } from './prompts.ts'
import { type Setbacks, trackSetbacks } from './setbacks.ts'
import { singleFlight } from './single-flight.ts'
import { trackUses, type Uses } from './uses.ts'
import { passingWith, type Using, usingWith } from './using.ts'

export interface Broker {
  /**
   * A valid session of the chain's last step. While one is held it is answered at once and renewed behind the
   * caller's back. Else one is minted; after `patienceMs` the answer is Pending while the flight goes on.
   */
  session(chain: Chain, patienceMs?: number): Promise<Session>
  /** The session that `session` would answer at once, if any. */
  ready(chain: Chain): Session | undefined
  /** Mints now, whatever is held, joining a flight under way; never asks a human. */
  renew(chain: Chain): Promise<Session>
  /** What `use` makes of the session's credential; where it throws CredentialRejected, of a new one, once. */
  using: Using
  /** As `renew`, with a human to ask; a newer sign-in replaces what is held. */
  mintAsking(chain: Chain, asking: Asking, signal: AbortSignal): Promise<Session>
  /** Keeps the chain's session fresh from now on, where there is one in the store. */
  resume(chain: Chain): Promise<void>
  /** Drops the session of the last step, and what tools wanted besides. Returns whether there was one. */
  drop(chain: Chain): Promise<boolean>
  held: Held
  uses: Uses
  setbacks: Setbacks
}

export interface BrokerParts {
  held: Held
  entrusted: Entrusted
  belongings: Minting['belongings']
  accounts?: Minting['accounts']
  clock: Clock
  random: Random
  log: Log
}

const background: Asking = { prompt: refusing, interactive: false }

export function openBroker(parts: BrokerParts): Broker {
  const { held, clock, random } = parts
  const flights = singleFlight<Session>()
  const setbacks = trackSetbacks(clock, random)
  const uses = trackUses(clock)
  const using = usingWith({ session, renew, held })
  const fly = flyWith({ ...parts, setbacks, using, passing: passingWith({ session, renew, clock }) })

  async function session(chain: Chain, patienceMs?: number): Promise<Session> {
    return ready(chain) ?? waitedFor(chain, patienceMs)
  }

  function ready(chain: Chain): Session | undefined {
    const { key } = lastStep(chain)
    uses.touch(chain)
    const current = held.peek(restOf(chain), key)
    if (!current || !isServable(current, clock)) return undefined
    const resting = setbacks.resting(key)
    if (!resting && isDue(current, clock)) renew(chain).catch(() => {})
    const hopeless = resting && !flights.under(key)
    return hopeless || remaining(current, clock) > renewFirst(current) ? current : undefined
  }

  function waitedFor(chain: Chain, patienceMs?: number): Promise<Session> {
    const current = held.peek(restOf(chain), lastStep(chain).key)
    if (!current || !isServable(current, clock)) return patiently(obtain(chain), patienceMs)
    return lastMoments(chain, current, patienceMs)
  }

  /** Better the new one, but a valid credential is never withdrawn because renewal fails. */
  async function lastMoments(chain: Chain, current: Session, patienceMs?: number): Promise<Session> {
    try {
      return await patiently(renew(chain), patienceMs)
    } catch (error) {
      if (isServable(current, clock)) return current
      throw error
    }
  }

  /** The session from the store, or a new one. */
  async function obtain(chain: Chain): Promise<Session> {
    const { key } = lastStep(chain)
    const recent = setbacks.recent(key)
    if (recent) throw recent
    const stored = await held.load(restOf(chain), key)
    return stored && isServable(stored, clock) ? stored : renew(chain)
  }

  function renew(chain: Chain): Promise<Session> {
    const { key } = lastStep(chain)
    return flights.join(key, (signal) => fly(chain, background, signal, held.generation(key)))
  }

  async function patiently(work: Promise<Session>, patienceMs: number | undefined): Promise<Session> {
    const done = patienceMs === undefined ? await work : await within(clock, patienceMs, () => work)
    if (done) return done
    throw new AuthError('Pending', 'The credential is being fetched; ask again in a second.')
  }

  return {
    session,
    ready,
    renew,
    using,
    mintAsking: (chain, asking, signal) => fly(chain, asking, signal),
    async resume(chain) {
      uses.touch(chain)
      await held.load(restOf(chain), lastStep(chain).key)
    },
    async drop(chain) {
      for (const other of uses.chains())
        if (isWantedOf(other, chain)) await held.delete(restOf(other), lastStep(other).key)
      return held.delete(restOf(chain), lastStep(chain).key)
    },
    held,
    uses,
    setbacks,
  }
}
