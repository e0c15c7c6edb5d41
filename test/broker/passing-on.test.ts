/** An identity whose session is its parent's own: when it is renewed. */
import t from 'tap'
import type { Chain } from '../../daemon/graph/chain.ts'
import type { ProviderNode } from '../../daemon/graph/node.ts'
import { wanting } from '../../daemon/graph/wanting.ts'
import type { AzureToken } from '../../shared/credential.ts'
import { HOUR, tenancy } from '../helpers/tenancy.ts'

t.test('what is only passed on is renewed with what it comes from', async (t) => {
  let failing = false
  const { broker, chain, calls, clock } = tenancy()
  const tokenOf = async () => ((await broker.session(chain)).credential as AzureToken).accessToken.reveal()
  const provider = chain.steps[0] as Chain['steps'][number]
  const { kind } = provider.node as ProviderNode
  const { login } = kind
  kind.login = (config, context) => {
    if (failing) throw new Error('no')
    return login(config, context)
  }
  t.equal(await tokenOf(), 'token-1')
  await clock.advance(HOUR - 15 * 60_000)
  failing = true
  await t.rejects(broker.renew(chain), 'one that is no newer is no renewal')
  t.equal(await tokenOf(), 'token-1', 'and the valid one stays')
  failing = false
  await clock.advance(61_000)
  await broker.renew(chain)
  t.equal(await tokenOf(), 'token-2')
  t.equal(calls.length, 2)
})

t.test('also long before its parent is due, and no oftener than needed', async (t) => {
  const { broker, chain, clock, calls } = tenancy()
  for (const one of [chain, wanting(chain, { scopes: ['https://vault.azure.net/.default'] })]) {
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

t.test('a parent that is due is renewed before it is handed on, where that can be done', async (t) => {
  const { broker, chain, clock } = tenancy()
  const other = {
    ...chain,
    steps: chain.steps.map((step, at) => (at === 1 ? { ...step, key: 'c'.repeat(64) } : step)),
  }
  await broker.session(chain)
  await clock.advance(HOUR - 15 * 60_000)
  const { expiresAt } = await broker.session(other)
  t.equal(expiresAt - clock.now(), HOUR, 'to one that has none yet too')

  const again = tenancy()
  await again.broker.session(again.chain)
  await again.clock.advance(HOUR - 15 * 60_000)
  const { kind } = (again.chain.steps[0] as Chain['steps'][number]).node as ProviderNode
  kind.login = () => Promise.reject(new Error('no'))
  const third = {
    ...other,
    steps: again.chain.steps.map((step, at) => (at === 1 ? { ...step, key: 'c'.repeat(64) } : step)),
  }
  t.equal((await again.broker.session(third)).expiresAt - again.clock.now(), 15 * 60_000, 'else as it is')
})
