/** How many different tokens a grant may want, and what it was handed and is known by again. */
import t from 'tap'
import type { Grant } from '../../daemon/grants/grant.ts'
import { openPasses } from '../../daemon/grants/passes.ts'
import { boundedWants } from '../../daemon/grants/wants.ts'
import { manualClock } from '../helpers/clock.ts'

const grantOf = (id: string) => ({ id }) as Grant

t.test('no more than 64 different ones, until some were not asked for in an hour', async (t) => {
  const clock = manualClock()
  const wants = boundedWants(clock)
  const grant = grantOf('a')
  for (let index = 0; index < 64; index++) t.ok(wants.allows(grant, `want ${index}`))
  t.notOk(wants.allows(grant, 'one more'))
  t.ok(wants.allows(grant, 'want 0'), 'the same again is none more')
  t.ok(wants.allows(grantOf('a'), 'one more'), 'another grant has its own')
  await clock.advance(3_600_000 - 1)
  t.ok(wants.allows(grant, 'want 7'))
  t.notOk(wants.allows(grant, 'one more'))
  await clock.advance(1)
  for (let index = 0; index < 63; index++) t.ok(wants.allows(grant, `later ${index}`))
  t.ok(wants.allows(grant, 'want 7'), 'what was asked for meanwhile still counts')
  t.notOk(wants.allows(grant, 'one more'))
})

t.test('what was handed out is known for its time, to its grant, and taken once', async (t) => {
  const clock = manualClock()
  const passes = openPasses(clock)
  const [grant, other] = [grantOf('a'), grantOf('b')]
  passes.note(grant, 'secret', 1_000)
  passes.note(other, 'other', 5_000)
  t.equal(passes.knows('a', 'secret'), grant)
  t.equal(passes.knows('b', 'secret'), undefined)
  t.equal(passes.take('b', 'secret'), undefined)
  t.equal(passes.take('a', 'secret'), grant)
  t.equal(passes.take('a', 'secret'), undefined)
  passes.note(grant, 'secret', 1_000)
  await clock.advance(1_000)
  t.equal(passes.knows('a', 'secret'), undefined)
  t.equal(passes.knows('b', 'other'), other)
})

t.test('of more than 64 the oldest are forgotten, and no other grant’s', async (t) => {
  const passes = openPasses(manualClock())
  const [grant, other] = [grantOf('a'), grantOf('b')]
  passes.note(other, 'other', 60_000)
  for (let index = 0; index < 70; index++) passes.note(grant, `secret ${index}`, 60_000)
  t.equal(passes.knows('a', 'secret 5'), undefined)
  t.equal(passes.knows('a', 'secret 6'), grant)
  t.equal(passes.knows('b', 'other'), other)
})
