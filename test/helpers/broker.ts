/** A broker on a manual clock, in front of a cloud that the test plays. */
import { openBroker } from '../../daemon/broker/broker.ts'
import { openLogin } from '../../daemon/broker/login.ts'
import { openAudiences } from '../../daemon/broker/prompts.ts'
import { parentChain } from '../../daemon/graph/chain.ts'
import { openBelongings } from '../../daemon/sessions/belongings.ts'
import { openEntrusted } from '../../daemon/sessions/entrusted.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { aws, devChain, ssoToken, type Upstream } from './chains.ts'
import { manualClock } from './clock.ts'
import { seededRandom } from './random.ts'

const HOUR = 3_600_000

export interface BrokerOptions {
  /** Milliseconds that a credential lives. */
  life?: number
  signedIn?: boolean
  upstream?: Upstream
  seed?: number
}

/** Somebody is signed in, unless told otherwise, and gets credentials for the asking. `calls` counts the cloud's. */
export async function brokerOn(options: BrokerOptions = {}) {
  const { life = HOUR, signedIn = true, seed = 1 } = options
  const clock = manualClock()
  const random = seededRandom(seed)
  const calls = { login: 0, refresh: 0, assume: 0 }
  const upstream: Required<Upstream> = {
    login: async () => ssoToken(clock.now() + 8 * HOUR),
    refresh: async () => ssoToken(clock.now() + 8 * HOUR),
    assume: async () => aws(clock.now() + life),
    ...options.upstream,
  }
  const counted = <K extends keyof Upstream>(name: K) =>
    ((...args: never[]) => {
      calls[name] += 1
      return (upstream[name] as (...args: never[]) => unknown)(...args)
    }) as NonNullable<Upstream[K]>
  const chain = devChain({ login: counted('login'), refresh: counted('refresh'), assume: counted('assume') })
  const keyrings = openKeyrings({ random })
  const held = holdSessions({ keyrings, clock, log: silentLog })
  const broker = openBroker({
    held,
    entrusted: openEntrusted(keyrings),
    belongings: openBelongings({ keyrings, directory: '/nowhere', uid: 0 }),
    clock,
    random,
    log: silentLog,
  })
  const audiences = openAudiences(random)
  const login = openLogin(broker, audiences)
  const portal = parentChain(chain)
  if (!portal) throw new Error('no parent')
  if (signedIn) await login.signIn(portal, () => {}, new AbortController().signal)
  calls.login = 0
  return { clock, random, calls, upstream, chain, portal, held, broker, audiences, login }
}
