/** What a tool wants besides the usual token: whose it is, where it rests, and how long. */
import t from 'tap'
import { type Chain, lastStep } from '../../daemon/graph/chain.ts'
import type { ProviderNode } from '../../daemon/graph/node.ts'
import { wanting } from '../../daemon/graph/wanting.ts'
import type { AnyProvider } from '../../daemon/kinds/contract.ts'
import type { AzureToken } from '../../shared/credential.ts'
import { asAuthError } from '../../shared/errors.ts'
import { devChain } from '../helpers/chains.ts'
import { MANAGEMENT, tenancy } from '../helpers/tenancy.ts'

const VAULT = { scopes: ['https://vault.azure.net/.default'] }

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
