/** The endpoint in front of a cloud that is slow, fails, refuses or lies. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Fault } from '../cloud/knobs.ts'
import { type RawAnswer, raw } from '../helpers/raw.ts'
import { type Running, type RunningOptions, running } from '../helpers/running.ts'

type Test = Pick<typeof t, 'teardown'>

/** A daemon that is signed in, and a tool's question to it. */
async function signedIn(t: Test, options: RunningOptions = {}) {
  const daemon = await running(options)
  t.teardown(() => daemon.stop())
  await daemon.signIn('dev-admin')
  return daemon
}

/** Asks as a tool does, with a grant whose session is then taken away, so that the next question is a cold one. */
async function coldTool(daemon: Running, identity: string) {
  const { path, token } = await daemon.grant(identity)
  for (const session of [...daemon.app.house.broker.held.all()]) {
    if (session.kind !== 'aws/iam-identity-center')
      await daemon.app.house.broker.held.delete({ type: 'memory' }, session.key)
  }
  daemon.cloud.resetCalls()
  return () =>
    raw(
      daemon.port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: ${token}\r\n\r\n`,
      3_000,
    )
}

/** Asks again on 503 as the SDKs do: three times, a second apart. */
async function persistently(ask: () => Promise<RawAnswer>): Promise<RawAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask()
    if (answer.status !== 503 || attempt === 3) return answer
    await sleep(1_000)
  }
}

t.test('21, 54: two hundred cold clients: one GetRoleCredentials, one AssumeRole', async (t) => {
  const daemon = await signedIn(t)
  const ask = await coldTool(daemon, 'prod-admin')
  const answers = await Promise.all(Array.from({ length: 200 }, () => persistently(ask)))
  t.equal(answers.filter(({ status }) => status === 200).length, 200)
  t.equal(new Set(answers.map(({ body }) => body)).size, 1)
  t.equal(daemon.cloud.calls('GetRoleCredentials'), 1)
  t.equal(daemon.cloud.calls('AssumeRole'), 1)
})

t.test('22: STS takes 1.5 s: 503 in time to be asked again, and every client succeeds', async (t) => {
  const daemon = await signedIn(t)
  const ask = await coldTool(daemon, 'prod-admin')
  daemon.cloud.delay('AssumeRole', 1_500)
  const started = performance.now()
  const first = await ask()
  const took = performance.now() - started
  t.equal(first.status, 503)
  t.equal(first.headers['retry-after'], '1')
  t.ok(took < 990, `answered within an SDK's second: ${took.toFixed(0)} ms`)
  const answers = await Promise.all(Array.from({ length: 40 }, () => persistently(ask)))
  t.strictSame([...new Set(answers.map(({ status }) => status))], [200])
  t.equal(daemon.cloud.calls('AssumeRole'), 1)
})

t.test(
  'STS fails with 500 while a credential is valid: no client notices; once it recovers it is renewed',
  async (t) => {
    // Lives of 4 s are due after 2 s, so that most of this test happens while renewal is due and fails.
    const daemon = await signedIn(t, { cloud: { lifetimes: { assumeRoleSeconds: 4 } } })
    const { path, token } = await daemon.grant('prod-admin')
    const ask = () =>
      raw(
        daemon.port,
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: ${token}\r\n\r\n`,
        3_000,
      )
    const first = JSON.parse((await ask()).body) as { AccessKeyId: string; Expiration: string }
    daemon.cloud.fault({ operation: 'AssumeRole', kind: 'status', status: 500 })
    const soon = Date.parse(first.Expiration) - 900
    for (; Date.now() < soon; await sleep(100)) {
      const { status, body } = await ask()
      if (status !== 200 || JSON.parse(body).AccessKeyId !== first.AccessKeyId)
        t.fail(`withdrawn: ${status} ${body}`)
    }
    t.ok(daemon.cloud.calls('AssumeRole') > 1, 'renewal was tried')
    daemon.cloud.clearFaults()
    let key = first.AccessKeyId
    for (const end = Date.now() + 4_000; key === first.AccessKeyId && Date.now() < end; await sleep(100)) {
      const { status, body } = await ask()
      if (status === 200) key = JSON.parse(body).AccessKeyId
    }
    t.not(key, first.AccessKeyId, 'renewed')
  },
)

t.test('50: what the cloud refuses is 403, and not asked again at once', async (t) => {
  const daemon = await signedIn(t)
  const ask = await coldTool(daemon, 'prod-admin')
  daemon.cloud.fault({
    operation: 'AssumeRole',
    kind: 'status',
    status: 403,
    code: 'AccessDenied',
    message: 'not you',
  })
  const answer = await ask()
  t.equal(answer.status, 403)
  t.match(JSON.parse(answer.body), {
    Code: 'AccessDenied',
    Message: /assume arn:aws:iam::222222222222:role.*not you/,
  })
  await Promise.all(Array.from({ length: 20 }, ask))
  t.equal(daemon.cloud.calls('AssumeRole'), 1)
})

t.test('a portal that revoked the token: renewed once and no one notices', async (t) => {
  const daemon = await signedIn(t)
  const ask = await coldTool(daemon, 'dev-admin')
  daemon.cloud.revokeAccessTokens()
  t.equal((await persistently(ask)).status, 200)
  t.equal(daemon.cloud.calls('CreateToken'), 1)
})

t.test('50, 207: a sign-in that is over: 403 with the command that helps', async (t) => {
  const daemon = await signedIn(t)
  const ask = await coldTool(daemon, 'dev-admin')
  daemon.cloud.revokeAccessTokens()
  daemon.cloud.revokeRefreshTokens()
  const { status, body } = await persistently(ask)
  t.equal(status, 403)
  t.match(JSON.parse(body), {
    code: 'LoginRequired',
    message: /`atmosctl login (?:-i dev-admin|--provider company-sso)`/,
  })
  t.equal(daemon.cloud.calls('StartDeviceAuthorization'), 0, 'nobody was asked in the background')
})

const bad: [string, Omit<Fault, 'operation'>, number][] = [
  ['429', { kind: 'status', status: 429, code: 'TooManyRequestsException', retryAfterSeconds: 1 }, 503],
  ['503', { kind: 'status', status: 503 }, 503],
  ['a reset', { kind: 'reset' }, 503],
  ['no answer', { kind: 'hang' }, 503],
  ['garbage', { kind: 'garbage' }, 503],
  ['an empty answer', { kind: 'empty' }, 503],
]

for (const operation of ['GetRoleCredentials', 'AssumeRole'] as const) {
  t.test(`50, 51: ${operation} goes wrong: never 200 with nothing, and well again afterwards`, async (t) => {
    for (const [name, fault, expected] of bad) {
      const daemon = await signedIn(t)
      const ask = await coldTool(daemon, 'prod-admin')
      daemon.cloud.fault({ operation, ...fault })
      const started = performance.now()
      const { status, body } = await ask()
      t.ok(performance.now() - started < 1_000, `${name}: answered in time`)
      t.equal(status, expected, `${name}: ${body}`)
      t.notMatch(body, /AccessKeyId/, name)
      if (fault.kind === 'hang') continue
      daemon.cloud.clearFaults()
      await sleep(600)
      t.equal((await persistently(ask)).status, 200, `${name}: well again`)
    }
  })
}

t.test('a connection that fell asleep is given up, and another is tried', async (t) => {
  const daemon = await signedIn(t)
  const ask = await coldTool(daemon, 'prod-admin')
  daemon.cloud.fault({ operation: 'AssumeRole', kind: 'hang', times: 1 })
  t.equal((await ask()).status, 503)
  // The time limit is the AWS SDK's own, on the machine's clock.
  for (const end = Date.now() + 20_000; daemon.cloud.calls('AssumeRole') < 2 && Date.now() < end; )
    await sleep(100)
  t.equal((await persistently(ask)).status, 200)
  t.equal(daemon.cloud.calls('AssumeRole'), 2)
})

t.test('53: a credential that has expired already is not served', async (t) => {
  const daemon = await signedIn(t)
  const ask = await coldTool(daemon, 'prod-admin')
  daemon.cloud.lifetimes({ assumeRoleSeconds: -10 })
  const { status, body } = await ask()
  t.equal(status, 503)
  t.match(JSON.parse(body).message, /already expired/)
})
