/** Sessions that are handed out: renewed before, and never at the price of a stall or of one that has ended. */
import t from 'tap'
import { lasting } from '../../daemon/operations/lasting.ts'
import { AuthError } from '../../shared/errors.ts'
import { brokerOn } from '../helpers/broker.ts'
import { turned } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

t.test('108: near its end a new one comes first', async (t) => {
  const world = await brokerOn()
  const first = await lasting(world, world.chain)
  t.equal(await lasting(world, world.chain), first, 'not while it is fresh')
  await world.clock.advance(HOUR - 19 * MINUTE)
  t.not(await lasting(world, world.chain), first)
})

t.test('a cloud that does not answer: the held one within seconds', async (t) => {
  const world = await brokerOn()
  const { clock, chain, upstream } = world
  const first = await lasting(world, chain)
  await clock.advance(HOUR - 19 * MINUTE)
  upstream.assume = () => new Promise(() => {})
  const begun = clock.now()
  t.equal(await turned(clock, lasting(world, chain)), first)
  t.ok(clock.now() - begun <= 6_000, `${clock.now() - begun} ms`)
})

t.test('while renewal rests after a failure, nobody waits and the cloud is left alone', async (t) => {
  const world = await brokerOn()
  const { clock, chain, upstream, calls } = world
  const first = await lasting(world, chain)
  await clock.advance(HOUR - 19 * MINUTE)
  upstream.assume = () => Promise.reject(new AuthError('AccessDenied', 'Not you.'))
  t.equal(await lasting(world, chain), first)
  const asked = calls.assume
  t.equal(await lasting(world, chain), first)
  t.equal(calls.assume, asked)
})

t.test('what ends while the new one is waited for is not handed out', async (t) => {
  for (const [name, code, slow] of [
    ['silence', 'Pending', () => new Promise<never>(() => {})],
    ['a late refusal', 'AccessDenied', undefined],
  ] as const) {
    const world = await brokerOn({ life: 40_000 })
    const { clock, chain, upstream } = world
    await lasting(world, chain)
    await clock.advance(35_900) // just before the time from which the broker itself waits for a new one
    upstream.assume =
      slow ??
      (async () => {
        await clock.sleep(4_900)
        throw new AuthError('AccessDenied', 'Not you.')
      })
    t.equal((await failure(turned(clock, lasting(world, chain)))).code, code, name)
  }
})
