/** A chain of made-up kinds whose tokens are Google's, and whose upstream does what a test says. */
import * as z from 'zod'
import type { Chain } from '../../daemon/graph/chain.ts'
import type { IdentityNode, ProviderNode } from '../../daemon/graph/node.ts'
import { type Context, defineIdentity, defineProvider } from '../../daemon/kinds/contract.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { GcpToken } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { devChain } from './chains.ts'

const config = z.strictObject({})

/** What a test may change while the servers run. */
export interface GoogleKnobs {
  lifeMs: number
  delayMs: number
  /** What the upstream throws, if anything. */
  failure: Error | undefined
  facts: CloudFacts
  principal: string | undefined
  scoped: boolean
  identifies: boolean
}

/** google → ci, whose tokens are the provider's. Each token names its serial number and its scopes. */
export function googleChain(knobs: GoogleKnobs, calls: string[], clock: Clock): Chain {
  const begin = async (call: string, signal: AbortSignal) => {
    calls.push(call)
    if (knobs.delayMs > 0) await systemClock.sleep(knobs.delayMs, signal)
    if (knobs.failure) throw knobs.failure
  }
  const provider = defineProvider<object, 'gcp-token'>({
    yields: 'gcp-token',
    config,
    interactive: false,
    ...(knobs.scoped ? { scoped: true } : {}),
    async login(_, { scopes, signal }: Context): Promise<GcpToken> {
      const named = scopes?.join(' ') ?? 'usual'
      await begin(named, signal)
      const accessToken = new Secret(`ya29.${calls.length}.${named.replace(/\W+/g, '-')}`)
      const { principal } = knobs
      const expiresAt = clock.now() + knobs.lifeMs
      return { type: 'gcp-token', accessToken, expiresAt, ...(principal === undefined ? {} : { principal }) }
    },
    ...(knobs.identifies ? { identify } : {}),
  })
  async function identify(_: object, audience: string, { signal }: Context) {
    await begin(audience, signal)
    const expiresAt = clock.now() + 3_600_000
    const claims = { iss: 'https://accounts.google.com', aud: audience, email: knobs.principal }
    const token = new Secret(signedJwt({ ...claims, exp: Math.floor(expiresAt / 1000) }))
    return { type: 'oidc-token' as const, token, audience, expiresAt }
  }
  const identity = defineIdentity<object, 'gcp-token', 'gcp-token'>({
    accepts: ['gcp-token'],
    yields: 'gcp-token',
    passesOn: true,
    config,
    facts: () => knobs.facts,
    assume: async (_, parent) => parent,
  })
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
