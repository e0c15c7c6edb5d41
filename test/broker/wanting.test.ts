/** What a tool wants besides the usual token: whose it is, where it rests, and how long. */
import t from 'tap'
import * as z from 'zod'
import { openBroker } from '../../daemon/broker/broker.ts'
import { type Chain, lastStep } from '../../daemon/graph/chain.ts'
import type { IdentityNode, ProviderNode } from '../../daemon/graph/node.ts'
import { wanting } from '../../daemon/graph/wanting.ts'
import {
  type AnyIdentity,
  type AnyProvider,
  defineIdentity,
  defineProvider,
} from '../../daemon/kinds/contract.ts'
import { openEntrusted } from '../../daemon/sessions/entrusted.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { silentLog } from '../../daemon/system/log.ts'
import type { AzureToken } from '../../shared/credential.ts'
import { asAuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import { devChain } from '../helpers/chains.ts'
import { manualClock } from '../helpers/clock.ts'
import { seededRandom } from '../helpers/random.ts'

const HOUR = 3_600_000
const MANAGEMENT = 'https://management.azure.com/.default'
const VAULT = { scopes: ['https://vault.azure.net/.default'] }
const config = z.strictObject({})

/** tenant → subscription on a manual clock; `calls` has each call of the tenant's. */
function tenancy(more: Partial<AnyProvider> = {}) {
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
  const broker = openBroker({ held, entrusted: openEntrusted(keyrings), clock, random, log: silentLog })
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

const scopeOf = ({ credential }: { credential: unknown }) => (credential as AzureToken).scope

t.test('what is wanted of an identity that passes on is wanted of its provider', async (t) => {
  const { broker, chain, calls } = tenancy()
  t.equal(scopeOf(await broker.session(wanting(chain, VAULT))), VAULT.scopes[0])
  t.equal(scopeOf(await broker.session(chain)), MANAGEMENT, 'and the usual one is another')
  await broker.session(wanting(chain, VAULT))
  await broker.session(wanting(chain, undefined))
  t.strictSame(calls, [`login ${VAULT.scopes[0]}`, `login ${MANAGEMENT}`], 'each of them once')
})

t.test('a sign-in that asked a person is not asked for again', async (t) => {
  const made = tenancy()
  const interactive = { interactive: true, derive: made.derive, refresh: undefined as never }
  const { broker, chain, calls } = made
  const asked = {
    ...chain,
    steps: chain.steps.map((step, at) => (at === 0 ? withKind(step, interactive) : step)),
  }
  const first = await broker.session(wanting(asked, VAULT)).catch(asAuthError)
  t.match(first, { code: 'LoginRequired' }, 'nobody is signed in')
  const prompt = {} as never
  await broker.mintAsking(
    { ...asked, steps: asked.steps.slice(0, 1) },
    { prompt, interactive: true },
    new AbortController().signal,
  )
  for (const { key } of wanting(asked, VAULT).steps) broker.setbacks.clear(key)
  t.equal(scopeOf(await broker.session(wanting(asked, VAULT))), VAULT.scopes[0])
  t.strictSame(calls, [`login ${MANAGEMENT}`, `derive ${VAULT.scopes[0]} from token-1`])
})

function withKind(step: Chain['steps'][number], more: Partial<AnyProvider>): Chain['steps'][number] {
  const node = step.node as ProviderNode
  return { ...step, node: { ...node, kind: { ...node.kind, ...more } as AnyProvider } }
}

t.test('the order of scopes makes no other key, another scope does', async (t) => {
  const { chain } = tenancy()
  const keyOf = (...scopes: string[]) => lastStep(wanting(chain, { scopes })).key
  t.equal(keyOf('a', 'b'), keyOf('b', 'a'))
  t.not(keyOf('a'), keyOf('b'))
  t.not(keyOf('a'), lastStep(chain).key)
})

t.test('who gives no such token says so', async (t) => {
  const { chain } = tenancy()
  for (const [what, want, message] of [
    ['an audience', { audience: 'https://a.example' }, /gives no identity tokens/],
  ] as const)
    t.throws(() => wanting(chain, want), { code: 'BadRequest', message }, what)
  t.throws(() => wanting(devChain({}), VAULT), { code: 'BadRequest', message: /no tokens of other scopes/ })
})

t.test('at the sign-out it goes with the session that it was wanted of', async (t) => {
  const { broker, chain, held } = tenancy()
  await broker.session(wanting(chain, VAULT))
  await broker.session(chain)
  const keys = () => [...held.all()].map(({ key }) => key)
  t.equal(keys().length, 4)
  await broker.drop(chain)
  t.strictSame(
    keys().filter((key) => [lastStep(chain).key, lastStep(wanting(chain, VAULT)).key].includes(key)),
    [],
  )
})

t.test('what is handed on is renewed where it comes from', async (t) => {
  const { broker, chain, clock, calls } = tenancy()
  for (const one of [chain, wanting(chain, VAULT)]) {
    const first = await broker.session(one)
    await clock.advance(HOUR / 2)
    const second = await broker.renew(one)
    t.equal(second.expiresAt - first.expiresAt, HOUR / 2)
  }
  t.equal(calls.length, 4)
  const asked = calls.length
  await broker.renew({ ...chain, steps: chain.steps.slice(0, 1) })
  const third = await broker.renew(chain)
  t.equal(calls.length, asked + 1, 'and not again where it has been renewed since')
  t.equal(third.expiresAt, clock.now() + HOUR)
})
