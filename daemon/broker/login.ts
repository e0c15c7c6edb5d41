/** Sign-in with a human present: as much of a chain as needs it, from the root down, one sign-in for all who ask. */
import { AuthError, asAuthError } from '../../shared/errors.ts'
import { type Chain, lastStep, parentChain } from '../graph/chain.ts'
import type { Session } from '../sessions/session.ts'
import type { Broker } from './broker.ts'
import type { Audience, Audiences, Listener } from './prompts.ts'
import { singleFlight } from './single-flight.ts'

export interface Login {
  /**
   * A session of the chain, asking the human where nothing else helps. Aborting `leave` ends the sign-in, unless
   * somebody else waits for it too. `hasBrowser` says whether the human's browser can come back to this machine; it is
   * the first who asks that counts. LoginRefused, LoginExpired, LoginCancelled, or what upstream said.
   */
  signIn(chain: Chain, listener: Listener, leave: AbortSignal, hasBrowser?: boolean): Promise<Session>
}

export function openLogin(broker: Broker, audiences: Audiences): Login {
  const flights = singleFlight<Session>()
  const gathered = new Map<string, Audience>()

  async function signIn(
    chain: Chain,
    listener: Listener,
    leave: AbortSignal,
    hasBrowser = false,
  ): Promise<Session> {
    for (const { key } of chain.steps) broker.setbacks.clear(key)
    const silent = await unlessLogin(broker.session(chain))
    if (silent) return silent
    const above = parentChain(chain)
    if (above) {
      await signIn(above, listener, leave, hasBrowser)
      broker.setbacks.clear(lastStep(chain).key)
      const now = await unlessLogin(broker.session(chain))
      if (now) return now
    }
    return ask(chain, listener, leave, hasBrowser)
  }

  function ask(chain: Chain, listener: Listener, leave: AbortSignal, hasBrowser: boolean): Promise<Session> {
    const { key, node } = lastStep(chain)
    listener({ type: 'step', name: node.name, kind: node.kindName })
    const flight = flights.join(
      key,
      (signal) => {
        const audience = audiences.gather(signal, hasBrowser)
        gathered.set(key, audience)
        return broker
          .mintAsking(chain, { prompt: audience.prompt, interactive: true }, signal)
          .finally(() => gathered.delete(key))
          .then((session) => {
            broker.setbacks.signedIn()
            return session
          })
      },
      leave,
    )
    const part = gathered.get(key)?.join(listener)
    return Promise.race([flight, left(leave)]).finally(part)
  }

  return { signIn }
}

async function unlessLogin(session: Promise<Session>): Promise<Session | undefined> {
  try {
    return await session
  } catch (error) {
    if (asAuthError(error).code === 'LoginRequired') return undefined
    throw error
  }
}

function left(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancelled = () => reject(new AuthError('LoginCancelled', 'The sign-in was cancelled.'))
    if (signal.aborted) cancelled()
    else signal.addEventListener('abort', cancelled, { once: true })
  })
}
