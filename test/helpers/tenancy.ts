/** A tenant and a subscription of made-up kinds, whose tokens are the tenant's, behind a broker on a manual clock. */
import * as z from 'zod'
import { openBroker } from '../../daemon/broker/broker.ts'
import type { Chain } from '../../daemon/graph/chain.ts'
import type { IdentityNode, ProviderNode } from '../../daemon/graph/node.ts'
import {
  type AnyIdentity,
  type AnyProvider,
  defineIdentity,
  defineProvider,
} from '../../daemon/kinds/contract.ts'
import { openBelongings } from '../../daemon/sessions/belongings.ts'
import { openEntrusted } from '../../daemon/sessions/entrusted.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { silentLog } from '../../daemon/system/log.ts'
import type { AzureToken } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'
import { devChain } from './chains.ts'
import { manualClock } from './clock.ts'
import { seededRandom } from './random.ts'

export const HOUR = 3_600_000
export const MANAGEMENT = 'https://management.azure.com/.default'
const config = z.strictObject({})

/** tenant → subscription on a manual clock; `calls` has each call of the tenant's. */
export function tenancy(more: Partial<AnyProvider> = {}) {
  const clock = manualClock()
  const random = seededRandom(1)
  const calls: string[] = []
  const token = (scope: string): AzureToken => {
    const serial = calls.length
    return {
      type: 'azure-token',
      accessToken: new Secret(`token-${serial}`),
      scope,
      expiresAt: clock.now() + HOUR,
      tenantId: 'contoso',
      session: new Secret('cache'),
    }
  }
  const provider = defineProvider<object, 'azure-token'>({
    yields: 'azure-token',
    config,
    interactive: false,
    scoped: true,
    async login(_, { scopes }) {
      const scope = scopes?.join() ?? MANAGEMENT
      calls.push(`login ${scope}`)
      return token(scope)
    },
  })
  const identity = defineIdentity<object, 'azure-token', 'azure-token'>({
    accepts: ['azure-token'],
    yields: 'azure-token',
    passesOn: true,
    config,
    assume: async (_, parent) => parent,
  })
  const keyrings = openKeyrings({ random })
  const held = holdSessions({ keyrings, clock, log: silentLog })
  const entrusted = openEntrusted(keyrings)
  const belongings = openBelongings({ keyrings, directory: '/nowhere', uid: 0 })
  const broker = openBroker({ held, entrusted, belongings, clock, random, log: silentLog })
  const derive: AnyProvider['derive'] = async (_, session, { scopes }) => {
    calls.push(`derive ${scopes?.join()} from ${(session as AzureToken).accessToken.reveal()}`)
    return token(scopes?.join() ?? '')
  }
  const chain = chainOf({ ...provider, ...more } as AnyProvider, identity)
  return { clock, calls, broker, chain, derive, held }
}

function chainOf(provider: AnyProvider, identity: AnyIdentity): Chain {
  const made = devChain({})
  const [root, set] = made.steps.map(({ node }) => node)
  return {
    ...made,
    steps: [
      { key: 'a'.repeat(64), node: { ...(root as ProviderNode), kind: provider } },
      { key: 'b'.repeat(64), node: { ...(set as IdentityNode), kind: identity } },
    ],
  }
}
