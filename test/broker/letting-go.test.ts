/** What a host of many short jobs leaves behind is let go of, and nothing that is of use to anybody. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startLettingGo } from '../../daemon/broker/letting-go.ts'
import { lastStep } from '../../daemon/graph/chain.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { sessionOf } from '../../daemon/sessions/session.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import { Secret } from '../../shared/secret.ts'
import { brokerOn } from '../helpers/broker.ts'
import { aws, ssoToken } from '../helpers/chains.ts'
import { manualClock } from '../helpers/clock.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

t.test('a key that ended and that nobody has asked for in a day is forgotten', async (t) => {
  const { broker, chain, portal, clock } = await brokerOn()
  const { key } = lastStep(chain)
  t.teardown(startLettingGo({ broker, clock, log: silentLog }))
  await broker.session(chain)
  await clock.advance(20 * HOUR)
  t.ok(broker.uses.chainOf(key), 'within a day it is still spoken of')
  await clock.advance(2 * DAY)
  t.equal(broker.uses.chainOf(key), undefined)
  t.strictSame(
    [...broker.held.all()].map((session) => session.key),
    [lastStep(portal).key],
    'the portal’s session, which a refresh token can revive, is kept',
  )
  t.equal((await broker.session(chain)).key, key, 'and whoever asks again is served')
})

t.test('a key that is asked for is kept, though upstream gives it nothing', async (t) => {
  const { broker, chain, clock, upstream } = await brokerOn({ life: HOUR })
  t.teardown(startLettingGo({ broker, clock, log: silentLog }))
  await broker.session(chain)
  upstream.assume = () => Promise.reject(new Error('away'))
  for (let hours = 0; hours < 72; hours += 2) {
    await clock.advance(2 * HOUR)
    broker.session(chain, 0).catch(() => {})
  }
  t.ok(broker.uses.chainOf(lastStep(chain).key))
})

t.test('records of keyrings go too, as far as the keyrings are open', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const vault = { type: 'file' as const, vault: join(directory, 'vault.json') }
  const clock = manualClock()
  const opened = async () => {
    const keyrings = openKeyrings({ random: systemRandom })
    await keyrings.unlock(vault.vault, new Secret('correct horse'))
    return holdSessions({ keyrings, clock, log: silentLog })
  }
  const before = await opened()
  const [ended, renewable] = ['a'.repeat(64), 'b'.repeat(64)]
  const of = (key: string) => ({ key, name: 'dev', kind: 'test/set' })
  await before.put(vault, sessionOf(of(ended), aws(clock.now() + HOUR), clock))
  await before.put(vault, sessionOf(of(renewable), ssoToken(clock.now() + HOUR), clock))

  const held = await opened() // as after a restart: nothing of it is in memory
  const isOver = ({ key }: { key: string }) => key === ended
  await held.prune(isOver)
  t.strictSame(await held.keys(vault), [renewable])
})

t.test('a sign-in under way while its key is pruned is kept', async (t) => {
  const clock = manualClock()
  const held = holdSessions({ keyrings: openKeyrings({ random: systemRandom }), clock, log: silentLog })
  const memory = { type: 'memory' as const }
  const key = 'c'.repeat(64)
  const of = { key, name: 'dev', kind: 'test/set' }
  await held.put(memory, sessionOf(of, aws(clock.now() + HOUR), clock))
  await clock.advance(3 * DAY)
  const since = held.generation(key)
  await held.prune(() => true)
  const renewed = sessionOf(of, aws(clock.now() + HOUR), clock)
  t.equal(await held.put(memory, renewed, since), renewed)
})
