/** Identity in, fresh session out: the only place that mints. Who asks, and over what dialect, it does not know. */
import { AuthError, asAuthError, isTransient } from '../../shared/errors.ts'
import { type Chain, lastStep } from '../graph/chain.ts'
import type { Held } from '../sessions/held.ts'
import { isDue, isServable, remaining, renewFirst, type Session, sessionOf } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import { type Asking, mint } from './mint.ts'
import { refusing } from './prompts.ts'
import { type Setbacks, trackSetbacks } from './setbacks.ts'
import { singleFlight } from './single-flight.ts'
import { trackUses, type Uses } from './uses.ts'

export interface Broker {
  /**
   * A valid session of the chain's last step. While one is held it is answered at once and renewed behind the
   * caller's back. Else one is minted; after `patienceMs` the answer is Pending while the flight goes on.
   */
  session(chain: Chain, patienceMs?: number): Promise<Session>
  /** Mints now, whatever is held, joining a flight under way; never asks a human. */
  renew(chain: Chain): Promise<Session>
  /** As `renew`, with a human to ask; a newer sign-in replaces what is held. */
  mintAsking(chain: Chain, asking: Asking, signal: AbortSignal): Promise<Session>
  /** Drops the session of the last step. Returns whether there was one. */
  drop(chain: Chain): Promise<boolean>
  held: Held
  uses: Uses
  setbacks: Setbacks
}

export interface BrokerParts {
  held: Held
  clock: Clock
  random: Random
  log: Log
}

const background: Asking = { prompt: refusing, interactive: false }

export function openBroker({ held, clock, random, log }: BrokerParts): Broker {
  const flights = singleFlight<Session>()
  const setbacks = trackSetbacks(clock, random)
  const uses = trackUses(clock)

  async function session(chain: Chain, patienceMs?: number): Promise<Session> {
    const { key } = lastStep(chain)
    uses.touch(chain)
    const current = held.peek(key)
    if (!current || !isServable(current, clock)) return patiently(obtain(chain), patienceMs)
    if (isDue(current, clock) && !setbacks.resting(key)) renew(chain).catch(() => {})
    const hopeless = setbacks.resting(key) && !flights.under(key)
    if (hopeless || remaining(current, clock) > renewFirst(current)) return current
    // Its last moments: better the new one, but a valid credential is never withdrawn because renewal fails.
    const newer = await patiently(renew(chain), patienceMs).catch(() => current)
    return isServable(newer, clock) ? newer : current
  }

  /** The session from the store, or a new one. */
  async function obtain(chain: Chain): Promise<Session> {
    const { key } = lastStep(chain)
    const recent = setbacks.recent(key)
    if (recent) throw recent
    const stored = await held.load(chain.keyring, key)
    return stored && isServable(stored, clock) ? stored : renew(chain)
  }

  function renew(chain: Chain): Promise<Session> {
    const { key } = lastStep(chain)
    return flights.join(key, (signal) => fly(chain, background, signal, held.generation(key)))
  }

  async function fly(chain: Chain, asking: Asking, signal: AbortSignal, since?: number): Promise<Session> {
    const { key, node } = lastStep(chain)
    const origin = { key, name: node.name, kind: node.kindName }
    try {
      const before = await held.load(chain.keyring, key)
      const minting = { clock, random, held: before, parent: session, renewParent }
      const credential = await mint(chain, minting, asking, signal)
      const minted = usable(sessionOf(origin, credential, clock))
      const kept = await held.put(chain.keyring, minted, since)
      setbacks.clear(key)
      if (!kept) throw new AuthError('LoginRequired', `"${node.name}" was signed out meanwhile.`)
      log.info({ ...origin, key: key.slice(0, 8), expiresAt: kept.expiresAt }, 'session minted')
      return kept
    } catch (error) {
      throw failed(chain, origin.key, asAuthError(error))
    }
  }

  /** Upstream no longer takes the parent's credential, though it has not expired: it counts more than the clock. */
  async function renewParent(chain: Chain, rejected: Session): Promise<Session> {
    const { key } = lastStep(chain)
    const current = held.peek(key)
    if (current && current.credential !== rejected.credential) return current
    try {
      return await renew(chain)
    } catch (error) {
      const over = !isTransient(asAuthError(error)) && held.peek(key)?.credential === rejected.credential
      if (over) await held.delete(chain.keyring, key)
      throw error
    }
  }

  function failed(chain: Chain, key: string, error: AuthError): AuthError {
    const advised = advise(chain, error)
    if (error.code !== 'LoginCancelled') setbacks.record(key, advised)
    log.warn(
      { key: key.slice(0, 8), name: lastStep(chain).node.name, code: error.code },
      'session not minted',
    )
    return advised
  }

  function usable(minted: Session): Session {
    if (isServable(minted, clock)) return minted
    throw new AuthError(
      'UpstreamUnavailable',
      `The cloud gave "${minted.name}" a credential that has already expired.`,
      {
        hint: 'Check the clock of this machine.',
      },
    )
  }

  async function patiently<T>(work: Promise<T>, patienceMs: number | undefined): Promise<T> {
    if (patienceMs === undefined) return work
    const done = new AbortController()
    const pending = clock.sleep(patienceMs, done.signal).then(() => {
      throw new AuthError('Pending', 'The credential is being fetched; ask again in a second.')
    })
    pending.catch(() => {})
    return Promise.race([work, pending]).finally(() => done.abort())
  }

  return {
    session,
    renew,
    mintAsking: (chain, asking, signal) => fly(chain, asking, signal),
    drop: (chain) => held.delete(chain.keyring, lastStep(chain).key),
    held,
    uses,
    setbacks,
  }
}

/** Tells a failure that a sign-in would cure which command that is. */
function advise(chain: Chain, error: AuthError): AuthError {
  const { node } = lastStep(chain)
  if (error.code !== 'LoginRequired') return error
  const target = node.role === 'provider' ? `--provider ${node.name}` : `-i ${node.name}`
  return new AuthError('LoginRequired', error.message, {
    hint: `Run \`atmosctl login ${target}\`.`,
    cause: error,
  })
}
