/** What holds whatever the cloud does, on a clock that the test turns. */
import t from 'tap'
import { startRefresher } from '../../daemon/broker/refresher.ts'
import { singleFlight } from '../../daemon/broker/single-flight.ts'
import type { Session } from '../../daemon/sessions/session.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { AuthError, type FailureCode } from '../../shared/errors.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import { brokerOn } from '../helpers/broker.ts'
import { aws, ssoToken } from '../helpers/chains.ts'
import { type ManualClock, settle } from '../helpers/clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const transient = () => Promise.reject(new AuthError('UpstreamUnavailable', 'The cloud is away.'))
const denied = () => Promise.reject(new AuthError('AccessDenied', 'Not you.'))

function keyOf(session: Session): string {
  return session.credential.type === 'aws' ? session.credential.accessKeyId : ''
}

async function failing(work: Promise<unknown>): Promise<AuthError> {
  try {
    await work
  } catch (error) {
    return error as AuthError
  }
  throw new Error('it did not fail')
}

t.test('200 cold callers: one flight for each key', async (t) => {
  const { broker, chain, calls } = await brokerOn()
  const sessions = await Promise.all(Array.from({ length: 200 }, () => broker.session(chain)))
  t.equal(new Set(sessions).size, 1)
  t.strictSame(calls, { login: 0, refresh: 0, assume: 1 })
})

t.test('renewal begins when it should, and nobody waits for it', async (t) => {
  const cases: [string, number, number][] = [
    ['an hour', HOUR, 20 * MINUTE],
    ['12 hours', 12 * HOUR, 3 * HOUR],
    ['15 minutes', 15 * MINUTE, 7.5 * MINUTE],
    ['a minute', MINUTE, MINUTE / 2],
  ]
  for (const [name, life, ahead] of cases) {
    const { broker, chain, calls, clock, upstream } = await brokerOn({ life })
    const first = await broker.session(chain)
    await clock.advance(life - ahead - 1)
    await broker.session(chain)
    t.equal(calls.assume, 1, `${name}: not yet`)
    upstream.assume = () => new Promise(() => {}) // it never answers
    await clock.advance(2)
    t.equal(await broker.session(chain), first, `${name}: the old one at once`)
    await settle()
    t.equal(calls.assume, 2, `${name}: and a new one is under way`)
  }
})

t.test('a valid credential is never withdrawn, an expired one never served', async (t) => {
  for (const [name, failure] of [
    ['an outage', transient],
    ['a refusal', denied],
    ['silence', () => new Promise<never>(() => {})],
  ] as const) {
    const { broker, chain, clock, upstream } = await brokerOn({ life: HOUR })
    const first = await broker.session(chain)
    upstream.assume = failure
    for (let at = 0; at < HOUR - 6_000; at += 13_000) {
      const asking = broker.session(chain, 700)
      await clock.advance(13_000)
      const answer = await asking.catch((error: AuthError) => error.code)
      const left = first.expiresAt - clock.now()
      if (left > 20_000) t.equal(answer, first, `${name}: ${left} ms left`)
    }
    await clock.advance(20_000)
    const late = broker.session(chain, 700)
    late.catch(() => {})
    await clock.advance(1_000)
    t.type((await failing(late)).code, 'string', `${name}: expired, so an error`)
  }
})

t.test('validity is the more pessimistic of the two clocks', async (t) => {
  for (const [name, turn] of [
    [
      'the wall clock was set back',
      (clock: ManualClock) => clock.advance(HOUR + 1).then(() => clock.jump(-3 * HOUR)),
    ],
    [
      'the machine slept, and the monotonic clock stood still',
      async (clock: ManualClock) => clock.jump(HOUR + 1),
    ],
  ] as const) {
    const { broker, chain, clock, upstream } = await brokerOn()
    const first = await broker.session(chain)
    await turn(clock)
    upstream.assume = denied
    upstream.refresh = denied as never
    t.equal((await failing(broker.session(chain))).code, 'AccessDenied', name)
    t.ok(first)
  }
})

t.test(
  'in its last minute the new one is waited for, and the old one served where it does not come',
  async (t) => {
    const { broker, chain, clock, upstream } = await brokerOn()
    const first = await broker.session(chain)
    await clock.advance(HOUR - 30_000)
    upstream.assume = transient
    t.equal(await broker.session(chain, 700), first, 'renewal fails')
    await clock.advance(5_000)
    upstream.assume = async () => aws(clock.now() + HOUR)
    await clock.advance(5_000)
    const second = await broker.session(chain, 700)
    t.not(keyOf(second), keyOf(first), 'renewal works')
  },
)

t.test('a life of seconds: what ended while the new one was waited for is not served', async (t) => {
  const { broker, chain, clock, upstream } = await brokerOn({ life: 6_000 })
  await broker.session(chain)
  await clock.advance(5_500)
  upstream.assume = () => new Promise(() => {})
  const late = failing(broker.session(chain, 700))
  await clock.advance(700)
  t.match(await late, { code: 'Pending' })
})

t.test('a cloud that never answers does not keep a key in the air', async (t) => {
  const { broker, chain, clock, upstream, calls } = await brokerOn()
  let signal: AbortSignal | undefined
  upstream.assume = (_, context) => {
    signal = context.signal
    return new Promise(() => {})
  }
  const silent = failing(broker.session(chain))
  await clock.advance(60_000)
  t.match(await silent, { code: 'UpstreamUnavailable', message: /no answer for "dev" within a minute/ })
  t.equal(signal?.aborted, true, 'what was begun is told to end')
  upstream.assume = async () => aws(clock.now() + HOUR)
  await clock.advance(1_000)
  t.ok(await broker.session(chain))
  t.equal(calls.assume, 2)
})

t.test('a credential that has expired when it comes is refused', async (t) => {
  const { broker, chain, clock, upstream } = await brokerOn()
  for (const ms of [-HOUR, 0]) {
    upstream.assume = async () => aws(clock.now() + ms)
    const error = await failing(broker.session(chain))
    t.match(error, { code: 'UpstreamUnavailable', message: /already expired/, hint: /clock/ })
    await clock.advance(10_000)
  }
})

t.test('patience: Pending in time, while the flight goes on for the next to ask', async (t) => {
  const { broker, chain, clock, upstream, calls } = await brokerOn()
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof aws>>()
  upstream.assume = () => promise
  const first = failing(broker.session(chain, 700))
  await clock.advance(700)
  t.match(await first, { code: 'Pending' })
  const second = broker.session(chain, 700)
  resolve(aws(clock.now() + HOUR))
  t.match(await second, { name: 'dev' })
  t.equal(calls.assume, 1)
})

t.test(
  'failures are remembered for a moment: a refusal for five seconds, an outage for half of one',
  async (t) => {
    for (const [failure, code, remembered] of [
      [denied, 'AccessDenied', 5_000],
      [transient, 'UpstreamUnavailable', 500],
    ] as const) {
      const { broker, chain, clock, upstream, calls } = await brokerOn()
      upstream.assume = failure
      await failing(broker.session(chain))
      await clock.advance(remembered - 1)
      t.equal((await failing(broker.session(chain))).code, code)
      t.equal(calls.assume, 1, `${code} is answered again`)
      await clock.advance(2)
      upstream.assume = async () => aws(clock.now() + HOUR)
      t.ok(await broker.session(chain), `${code} is forgotten`)
      t.equal(calls.assume, 2)
    }
  },
)

t.test('the background backs off, to a minute at most, and begins again when all is well', async (t) => {
  const { broker, chain, clock, random, upstream, calls } = await brokerOn({ life: 12 * HOUR })
  const refresher = startRefresher({ broker, clock, random, log: silentLog })
  t.teardown(refresher.stop)
  await broker.session(chain)
  upstream.assume = transient
  await clock.advance(9 * HOUR)
  const before = calls.assume
  await clock.advance(10 * MINUTE)
  const tries = calls.assume - before
  t.ok(tries >= 10 && tries <= 24, `${tries} tries in ten minutes`)
  upstream.assume = async () => aws(clock.now() + 12 * HOUR)
  await clock.advance(2 * MINUTE)
  const after = calls.assume
  await clock.advance(HOUR)
  t.equal(calls.assume, after, 'one success, and no more')
})

t.test('a rejected parent is renewed once, and if it cannot be, a person is sent for', async (t) => {
  const rejected = new AuthError('CredentialRejected', 'Session token not found or invalid')
  await t.test('renewed', async (t) => {
    const { broker, chain, clock, upstream, calls } = await brokerOn()
    let first = true
    upstream.assume = async () => {
      if (!first) return aws(clock.now() + HOUR)
      first = false
      throw rejected
    }
    t.ok(await broker.session(chain))
    t.strictSame(calls, { login: 0, refresh: 1, assume: 2 })
  })
  await t.test('over', async (t) => {
    const { broker, chain, portal, upstream, held } = await brokerOn()
    upstream.assume = () => Promise.reject(rejected)
    upstream.refresh = () => Promise.reject(new AuthError('LoginRequired', 'Over.'))
    t.match(await failing(broker.session(chain)), {
      code: 'LoginRequired',
      hint: /Run `atmosctl login -i dev`/,
    })
    t.equal(
      held.peek(portal.keyring, portal.steps[0]?.key ?? ''),
      undefined,
      'what upstream does not take is not kept',
    )
  })
  await t.test('an outage meanwhile keeps the sign-in', async (t) => {
    const { broker, chain, portal, upstream, held } = await brokerOn()
    upstream.assume = () => Promise.reject(rejected)
    upstream.refresh = transient
    t.match(await failing(broker.session(chain)), { code: 'UpstreamUnavailable' })
    t.ok(held.peek(portal.keyring, portal.steps[0]?.key ?? ''))
  })
})

t.test('a late renewal does not replace a newer sign-in, nor undo a sign-out', async (t) => {
  const { broker, portal, clock, upstream, held } = await brokerOn()
  const key = portal.steps[0]?.key ?? ''
  const late = Promise.withResolvers<ReturnType<typeof ssoToken>>()
  upstream.refresh = () => late.promise
  const renewal = broker.renew(portal)
  await settle()
  const newer = await broker.mintAsking(
    portal,
    { prompt: {} as never, interactive: true },
    new AbortController().signal,
  )
  late.resolve(ssoToken(clock.now() + 99 * HOUR))
  t.equal(await renewal, newer, 'the renewal gives the newer sign-in')
  t.equal(held.peek(portal.keyring, key), newer)

  const later = Promise.withResolvers<ReturnType<typeof ssoToken>>()
  upstream.refresh = () => later.promise
  const second = failing(broker.renew(portal))
  await settle()
  await broker.drop(portal)
  later.resolve(ssoToken(clock.now() + HOUR))
  t.match(await second, { code: 'LoginRequired' })
  t.equal(held.peek(portal.keyring, key), undefined)
})

t.test('the refresher keeps what is used, and lets the rest go', async (t) => {
  const { broker, chain, clock, random, calls } = await brokerOn()
  const refresher = startRefresher({ broker, clock, random, log: silentLog })
  t.teardown(refresher.stop)
  await broker.session(chain)
  for (let hour = 0; hour < 5; hour++) {
    await clock.advance(HOUR)
    t.ok(await broker.session(chain))
  }
  const used = calls.assume
  t.ok(used >= 6, `${used} in five hours`)
  await clock.advance(12 * HOUR)
  t.ok(calls.assume - used <= 3, `unused: ${calls.assume - used} more in twelve hours`)
})

t.test('after a jump of the clock everything is looked at again at once', async (t) => {
  const { broker, chain, clock, random, upstream, calls } = await brokerOn({ life: 2 * HOUR })
  const refresher = startRefresher({ broker, clock, random, log: silentLog })
  t.teardown(refresher.stop)
  await broker.session(chain)
  upstream.assume = denied
  await clock.advance(2 * HOUR - 20 * MINUTE)
  const tried = calls.assume
  t.ok(tried > 1)
  upstream.assume = async () => aws(clock.now() + 2 * HOUR)
  clock.jump(5 * MINUTE) // the machine slept; the key was resting for a minute after its refusal
  refresher.beat()
  await clock.advance(2_000)
  t.equal(calls.assume, tried + 1)
})

t.test('the background never signs anybody in', async (t) => {
  const { broker, chain, clock, random, calls } = await brokerOn({ signedIn: false })
  const refresher = startRefresher({ broker, clock, random, log: silentLog })
  t.teardown(refresher.stop)
  t.match(await failing(broker.session(chain)), { code: 'LoginRequired', hint: /atmosctl login -i dev/ })
  await clock.advance(HOUR)
  t.equal(calls.login, 0)
  const asking = await brokerOn({
    upstream: {
      assume: async (_, { prompt }) => Promise.reject(prompt.ask({ label: 'MFA', secret: false })),
    },
  })
  t.match(await failing(asking.broker.session(asking.chain)), { code: 'LoginRequired' })
})

t.test('signing in', async (t) => {
  const shown = {
    userCode: 'ABCD-EFGH',
    verificationUri: 'https://a.b',
    address: 'https://a.b/?c',
    expiresAt: 0,
  }

  await t.test('two people, one sign-in, and both see the code', async (t) => {
    const decided = Promise.withResolvers<void>()
    const { login, chain, calls, clock, upstream } = await brokerOn({ signedIn: false })
    upstream.login = async ({ prompt }) => {
      prompt.deviceCode(shown)
      await decided.promise
      return ssoToken(clock.now() + HOUR)
    }
    const seen: LoginEvent[][] = [[], []]
    const begin = (events: LoginEvent[]) =>
      login.signIn(chain, (event) => events.push(event), new AbortController().signal)
    const one = begin(seen[0] ?? [])
    await settle()
    const two = begin(seen[1] ?? [])
    await settle()
    decided.resolve()
    t.equal(await one, await two)
    t.equal(calls.login, 1)
    for (const events of seen)
      t.match(events, [
        { type: 'step', name: 'portal' },
        { type: 'device-code', userCode: 'ABCD-EFGH' },
      ])
  })

  await t.test('one leaves and the other gets it; all leave and it ends', async (t) => {
    const decided = Promise.withResolvers<void>()
    const signals: AbortSignal[] = []
    const { login, chain, clock, upstream } = await brokerOn({ signedIn: false })
    upstream.login = async ({ signal }) => {
      signals.push(signal)
      await decided.promise
      return ssoToken(clock.now() + HOUR)
    }
    const [first, second] = [new AbortController(), new AbortController()]
    const left = failing(login.signIn(chain, () => {}, first.signal))
    const stays = login.signIn(chain, () => {}, second.signal)
    await settle()
    first.abort()
    t.match(await left, { code: 'LoginCancelled' })
    t.equal(signals[0]?.aborted, false)
    decided.resolve()
    t.ok(await stays)

    const alone = await brokerOn({ signedIn: false })
    let aborted: AbortSignal | undefined
    alone.upstream.login = ({ signal }) => {
      aborted = signal
      return new Promise(() => {})
    }
    const leave = new AbortController()
    const over = failing(alone.login.signIn(alone.chain, () => {}, leave.signal))
    await settle()
    leave.abort()
    t.match(await over, { code: 'LoginCancelled' })
    t.equal(aborted?.aborted, true)
  })

  await t.test('a question is asked and answered; another is nobody’s', async (t) => {
    const { login, chain, clock, audiences, upstream } = await brokerOn()
    upstream.assume = async (_, { prompt }) => {
      const code = await prompt.ask({ label: 'MFA code', secret: false })
      return { ...aws(clock.now() + HOUR), accountId: code }
    }
    const session = login.signIn(
      chain,
      (event) => {
        if (event.type !== 'question') return
        t.equal(audiences.answer('another', '000000'), false)
        t.equal(audiences.answer(event.question, '123456'), true)
        t.equal(audiences.answer(event.question, '654321'), false, 'once')
      },
      new AbortController().signal,
    )
    t.match((await session).credential, { accountId: '123456' })
  })

  await t.test('what went wrong is said, and does not stand in the way of the next try', async (t) => {
    const { login, chain, clock, upstream } = await brokerOn({ signedIn: false })
    for (const code of ['LoginRefused', 'LoginExpired', 'UpstreamUnavailable'] as FailureCode[]) {
      upstream.login = () => Promise.reject(new AuthError(code, 'no'))
      t.match(await failing(login.signIn(chain, () => {}, new AbortController().signal)), { code })
    }
    upstream.login = async () => ssoToken(clock.now() + HOUR)
    t.ok(await login.signIn(chain, () => {}, new AbortController().signal))
  })
})

t.test('one flight a key', async (t) => {
  const flights = singleFlight<number>()
  const work = Promise.withResolvers<number>()
  let signal: AbortSignal | undefined
  const start = (given: AbortSignal) => {
    signal = given
    return work.promise
  }
  const leave = new AbortController()
  const joined = [
    flights.join('a', start, leave.signal),
    flights.join('a', () => Promise.reject(new Error('a second one'))),
  ]
  leave.abort()
  t.equal(signal?.aborted, false, 'somebody who cannot leave waits for it')
  t.equal(flights.under('a'), true)
  work.resolve(7)
  t.strictSame(await Promise.all(joined), [7, 7])
  t.equal(flights.under('a'), false)
  t.equal(await flights.join('a', async () => 8), 8, 'and the next flight is a new one')
  t.equal((await failing(flights.join('b', () => Promise.reject(new Error('x'))))).message, 'x')
  t.equal(flights.under('b'), false, 'a failed flight is over')
})
