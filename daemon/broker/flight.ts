/** One minting from the cloud to the store: what came of it is held, and what went wrong is remembered. */
import { AuthError, asAuthError } from '../../shared/errors.ts'
import { type Chain, lastStep, restOf } from '../graph/chain.ts'
import type { Held } from '../sessions/held.ts'
import { isServable, type Session, sessionOf } from '../sessions/session.ts'
import { type Clock, within } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { type Asking, type Minting, mint } from './mint.ts'
import type { Setbacks } from './setbacks.ts'

/** More than the cloud has for an answer, tries included: a flight that nobody watches has to land. */
const LONGEST_MS = 60_000

export interface FlightParts extends Omit<Minting, 'held'> {
  held: Held
  setbacks: Setbacks
  log: Log
}

/** Mints the last step of a chain. With `since` the result is dropped where the session has changed after that. */
export type Fly = (chain: Chain, asking: Asking, signal: AbortSignal, since?: number) => Promise<Session>

export function flyWith(parts: FlightParts): Fly {
  const { held, setbacks, clock, log } = parts

  return async (chain, asking, signal, since) => {
    const { key, node } = lastStep(chain)
    const origin = { key, name: node.name, kind: node.kindName }
    try {
      const minting = { ...parts, held: await held.load(restOf(chain), key) }
      const work = (limit: AbortSignal) => mint(chain, minting, asking, AbortSignal.any([signal, limit]))
      const credential = asking.interactive ? await work(signal) : await inTime(clock, node.name, work)
      const minted = sessionOf(origin, credential, clock)
      if (!isServable(minted, clock)) throw stale(node.name)
      const kept = await held.put(restOf(chain), minted, since)
      setbacks.clear(key)
      if (!kept) throw new AuthError('LoginRequired', `"${node.name}" was signed out meanwhile.`)
      log.info({ ...origin, key: key.slice(0, 8), expiresAt: kept.expiresAt }, 'session minted')
      return kept
    } catch (error) {
      const failure = advised(chain, asAuthError(error))
      if (failure.code !== 'LoginCancelled') setbacks.record(key, failure)
      log.warn({ key: key.slice(0, 8), name: node.name, code: failure.code }, 'session not minted')
      throw failure
    }
  }
}

async function inTime<T>(clock: Clock, name: string, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const done = await within(clock, LONGEST_MS, work)
  if (done !== undefined) return done
  throw new AuthError('UpstreamUnavailable', `The cloud gave no answer for "${name}" within a minute.`)
}

function stale(name: string): AuthError {
  return new AuthError(
    'UpstreamUnavailable',
    `The cloud gave "${name}" a credential that has already expired.`,
    { hint: 'Check the clock of this machine.' },
  )
}

/** Tells a failure that a sign-in would cure which command that is. */
function advised(chain: Chain, error: AuthError): AuthError {
  if (error.code !== 'LoginRequired' || isCuredElsewhere(error)) return error
  const { node } = lastStep(chain)
  if (node.role === 'integration') return error // its identity's flight has said it
  const target = node.role === 'provider' ? `--provider ${node.name}` : `-i ${node.name}`
  const hint = `Run \`atmosctl login ${target}\`.`
  return new AuthError('LoginRequired', error.message, { hint, cause: error })
}

/** Keys that have to be entered, or the sign-in of another program: the failure itself names the command. */
function isCuredElsewhere({ details }: AuthError): boolean {
  return details?.keysOf !== undefined || details?.signInOf !== undefined
}
