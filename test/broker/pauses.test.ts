/** A cloud that says for how long it does not want to be asked is not asked for so long, by tools or by the beat. */
import t from 'tap'
import { lastStep } from '../../daemon/graph/chain.ts'
import { pausing, secondsOf } from '../../daemon/upstream/retry-after.ts'
import { triedAgain } from '../../daemon/upstream/tries.ts'
import { AuthError } from '../../shared/errors.ts'
import { brokerOn } from '../helpers/broker.ts'
import { manualClock } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'

const throttled = (seconds: number) => new AuthError('UpstreamThrottled', 'Too often.', pausing(seconds))

t.test('Retry-After is seconds or a date', async (t) => {
  const now = Date.UTC(2026, 0, 1)
  t.equal(secondsOf('30', now), 30)
  t.equal(secondsOf('Thu, 01 Jan 2026 00:00:45 GMT', now), 45)
  for (const header of [undefined, '', '0', '-3', 'soon', 'Thu, 01 Jan 2025 00:00:00 GMT'])
    t.equal(secondsOf(header, now), undefined, String(header))
})

t.test('it is obeyed, but for five minutes at most', async (t) => {
  for (const [told, obeyed] of [
    [40, 40],
    [86_400, 300],
  ] as const) {
    const { broker, calls, chain, clock } = await brokerOn({
      upstream: { assume: () => Promise.reject(throttled(told)) },
    })
    t.match(await failure(broker.session(chain)), { code: 'UpstreamThrottled' })
    await clock.advance(obeyed * 1000 - 1)
    t.match(await failure(broker.session(chain)), { code: 'UpstreamThrottled' })
    t.equal(calls.assume, 1, 'nobody asked meanwhile')
    t.ok(broker.setbacks.resting(lastStep(chain).key))
    await clock.advance(1)
    t.notOk(broker.setbacks.resting(lastStep(chain).key))
    t.match(await failure(broker.session(chain)), { code: 'UpstreamThrottled' })
    t.equal(calls.assume, 2)
  }
})

t.test('one exchange is not tried again within it', async (t) => {
  let tries = 0
  const work = async () => {
    tries += 1
    throw throttled(30)
  }
  const at = { clock: manualClock(), signal: new AbortController().signal }
  t.match(await failure(triedAgain(at, work)), { details: { retryAfterSeconds: 30 } })
  t.equal(tries, 1)
})
