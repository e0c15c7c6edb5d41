/** The web console: for how long, for whom not, and the one-time address that leads there. */
import t from 'tap'
import { openConsole } from '../../daemon/operations/console.ts'
import { openDoors } from '../../daemon/operations/doors.ts'
import { systemClock } from '../../daemon/system/clock.ts'
import { ConsoleRequest } from '../../shared/requests.ts'
import { Secret } from '../../shared/secret.ts'
import { manualClock } from '../helpers/clock.ts'
import { seededRandom } from '../helpers/random.ts'
import { raw } from '../helpers/raw.ts'
import { type Running, type RunningOptions, running } from '../helpers/running.ts'

const HOUR = 3_600_000

t.test('211: a door leads somewhere once, for as long as it is open', async (t) => {
  const clock = manualClock()
  const doors = openDoors(clock, seededRandom())
  const open = (target: string, ms = 1_000) => doors.open(new Secret(target), clock.now() + ms)
  const [one, other] = [open('one'), open('other')]
  t.not(one, other)
  t.ok(one.length >= 32, 'nobody guesses it')
  t.equal(doors.pass('x'), undefined)
  t.equal(doors.pass(one)?.reveal(), 'one')
  t.equal(doors.pass(one), undefined, 'once')
  await clock.advance(1_000)
  t.equal(doors.pass(other), undefined, 'not later')
  const many = Array.from({ length: 70 }, (_, index) => open(String(index)))
  t.equal(doors.pass(many[0] ?? ''), undefined, 'the oldest of too many is gone')
  t.equal(doors.pass(many[69] ?? '')?.reveal(), '69')
})

const config = (sessionDuration?: string) => (url: string) =>
  `auth:
  realm: sandbox
  keyring: { type: memory }
  providers:
    sso:
      kind: aws/iam-identity-center
      region: us-east-1
      start_url: https://company.awsapps.com/start
      spec: { endpoint_url: '${url}' }
      ${sessionDuration ? `console: { session_duration: ${sessionDuration} }` : ''}
    az: { kind: azure/device-code, tenant_id: 11111111-1111-1111-1111-111111111111 }
  identities:
    dev:
      kind: aws/permission-set
      default: true
      via: { provider: sso }
      principal: { name: AdminAccess, account: { name: development } }
    prod:
      kind: aws/assume-role
      via: { identity: dev }
      principal: { assume_role: 'arn:aws:iam::222222222222:role/Production' }
    root:
      kind: aws/assume-root
      via: { identity: dev }
      principal:
        target_principal: '333333333333'
        task_policy_arn: arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy
    user:
      kind: aws/user
      credentials:
        access_key_id: !env EMERGENCY_AWS_ACCESS_KEY_ID
        secret_access_key: !env EMERGENCY_AWS_SECRET_ACCESS_KEY
      spec: { endpoint_url: '${url}' }
    by-user:
      kind: aws/assume-role
      via: { identity: user }
      principal: { assume_role: 'arn:aws:iam::222222222222:role/Production' }
    subscription:
      kind: azure/subscription
      via: { provider: az }
      principal: { subscription_id: 22222222-2222-2222-2222-222222222222 }
`

type Wanted = Partial<Omit<ConsoleRequest, 'workspace'>>

async function signedIn(options: RunningOptions & { sessionDuration?: string } = {}) {
  const house = await running({ config: config(options.sessionDuration), ...options })
  t.teardown(() => house.stop())
  await house.signIn('dev')
  return house
}

const consoleOf = ({ app, workspace }: Running, wanted: Wanted = {}) =>
  openConsole(app.house, ConsoleRequest.parse({ workspace, ...wanted }))

t.test('209: how long it lasts', async (t) => {
  const [plain, configured] = [await signedIn(), await signedIn({ sessionDuration: '4h' })]
  const rows: [Running, Wanted, hours: number, calls: number, unheard?: RegExp][] = [
    [plain, {}, 1, 1],
    [plain, { durationSeconds: 7_200 }, 2, 1],
    [plain, { identity: 'by-user', durationSeconds: 7_200 }, 2, 1],
    [plain, { identity: 'prod' }, 1, 1],
    [plain, { identity: 'prod', durationSeconds: 7_200 }, 1, 1, /no effect: "prod" is a role assumed from/],
    [configured, {}, 4, 1],
    [configured, { durationSeconds: 900 }, 0.25, 1],
    [configured, { identity: 'prod' }, 1, 1],
    [configured, { identity: 'by-user' }, 1, 1],
  ]
  const look = async ([house, wanted, hours, calls, unheard]: (typeof rows)[number], what: string) => {
    house.cloud.resetCalls()
    const reply = await consoleOf(house, wanted)
    const off = (reply.sessionEndsAt ?? 0) - Date.now() - hours * HOUR
    t.ok(off <= 0 && off > -60_000, `${what}: ${JSON.stringify(wanted)} lasts ${hours}h, off by ${off} ms`)
    t.equal(house.cloud.calls('GetSigninToken'), calls, 'requests')
    if (unheard) t.match(reply.unheard, unheard)
    else t.equal(reply.unheard, undefined)
  }
  for (const row of rows) await look(row, row[0] === plain ? 'plain' : 'configured')

  for (const { cloud } of [plain, configured]) cloud.lifetimes({ consoleSeconds: 0 })
  await look([plain, {}, 1, 1], 'no duration is sent where nobody wants one')
  await look([configured, {}, 1, 2], 'what only the configuration wants is given up')
  await t.rejects(consoleOf(plain, { durationSeconds: 7_200 }), {
    code: 'AccessDenied',
    hint: /ask for less with --duration/,
  })
})

t.test('212, 214: for whom there is none', async (t) => {
  const house = await signedIn()
  const rows: [identity: string, message: RegExp][] = [
    ['user', /"user" cannot open a console\. .*no session of a user/],
    ['root', /"root" cannot open a console\. .*AssumeRoot/],
  ]
  for (const [identity, message] of rows)
    await t.rejects(consoleOf(house, { identity }), { code: 'KindUnsupported', message, hint: /./ })
  await t.rejects(consoleOf(house, { identity: 'nobody' }), { code: 'IdentityUnknown' })
  await t.rejects(consoleOf(house, { destination: 'http://x' }), { code: 'Usage' })
  t.equal(house.cloud.calls('GetSigninToken'), 0, 'AWS is not asked')
  for (const wrong of [
    { durationSeconds: 899 },
    { durationSeconds: 43_201 },
    { issuer: 'a\nb' },
    { issuer: '' },
  ])
    t.equal(ConsoleRequest.safeParse({ workspace: house.workspace, ...wrong }).success, false)
})

t.test(
  'Azure and Google Cloud take the sign-in of the browser, so that nothing is asked and nothing secret',
  async (t) => {
    const house = await signedIn()
    house.cloud.resetCalls()
    const reply = await consoleOf(house, { identity: 'subscription', destination: 'kv' })
    t.match(reply, { identity: 'subscription', address: reply.destination, expiresAt: undefined })
    t.match(reply.address, /^https:\/\/portal\.azure\.com\/#@/)
    t.equal(house.cloud.calls(), 0)
  },
)

t.test('when AWS fails', async (t) => {
  const impatient = (ms: number) => (ms === 10_000 ? 100 : ms)
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(impatient(ms), signal),
  }
  const house = await signedIn({ clock })
  const rows = [
    ['status', 400, 'AccessDenied'],
    ['status', 429, 'UpstreamThrottled'],
    ['status', 503, 'UpstreamUnavailable'],
    ['garbage', 200, 'UpstreamUnavailable'],
    ['empty', 200, 'UpstreamUnavailable'],
    ['reset', 0, 'UpstreamUnavailable'],
    ['hang', 0, 'UpstreamUnavailable'],
  ] as const
  for (const [kind, status, code] of rows) {
    house.cloud.fault({ operation: 'GetSigninToken', kind, status, times: 1 })
    await t.rejects(consoleOf(house), { code }, `${kind} ${status}`)
  }
  t.match(await consoleOf(house), {
    identity: 'dev',
    account: '111111111111',
    provider: 'sso',
    realm: 'sandbox',
  })
})

t.test('the address: used by one browser of this user, once', async (t) => {
  const house = await signedIn()
  const { address, destination } = await consoleOf(house, { destination: 's3', issuer: 'me' })
  t.match(address, new RegExp(`^http://127\\.0\\.0\\.1:${house.port}/console/[\\w-]{32}$`))
  const path = new URL(address).pathname
  const ask = (line: string, ...headers: string[]) =>
    raw(house.port, `${[line, `Host: 127.0.0.1:${house.port}`, ...headers].join('\r\n')}\r\n\r\n`)
  const refused: [what: string, line: string, ...headers: string[]][] = [
    ['a web page', `GET ${path} HTTP/1.1`, 'Sec-Fetch-Site: cross-site'],
    ['a link', `GET ${path} HTTP/1.1`, 'Referer: https://evil.example/'],
    ['a script', `GET ${path} HTTP/1.1`, 'Origin: https://evil.example'],
    ['a proxy', `GET ${path} HTTP/1.1`, 'X-Forwarded-For: 10.0.0.1'],
    ['who only looks', `HEAD ${path} HTTP/1.1`],
    ['who posts', `POST ${path} HTTP/1.1`],
  ]
  for (const [what, line, ...headers] of refused) {
    const { status, text } = await ask(line, ...headers)
    t.ok(status === 403 || status === 405, `${what}: ${status}`)
    t.notMatch(text, /SigninToken/i)
  }
  const foreign = await raw(house.port, `GET ${path} HTTP/1.1\r\nHost: rebound.example\r\n\r\n`)
  t.equal(foreign.status, 403, 'another host')
  t.equal((await ask(`GET ${path}x HTTP/1.1`)).status, 410, 'another address')

  const led = await ask(`GET ${path} HTTP/1.1`, 'Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate')
  t.equal(led.status, 303, 'none of them has used it up')
  t.match(led.headers, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const login = new URL(led.headers.location ?? '')
  t.match(
    [...login.searchParams],
    [
      ['Action', 'login'],
      ['Issuer', 'me'],
      ['Destination', destination],
    ],
  )
  const again = await ask(`GET ${path} HTTP/1.1`)
  t.match(again, { status: 410, body: /good once.*atmosctl console/s })
  t.notOk(again.headers.location)

  const page = await fetch(login)
  t.match(await page.text(), /Signed in as arn:aws:sts::111111111111:assumed-role/)
  t.equal((await fetch(login)).status, 400, 'the sandbox takes a token once')

  const bare = await consoleOf(house, { bare: true })
  t.match(bare.address, `${house.cloud.url}/federation?Action=login&Issuer=atmos&`)
  t.equal((await fetch(bare.address)).status, 200)
})

t.test('another user of the machine comes first', { skip: process.platform !== 'linux' }, async (t) => {
  let owner = process.getuid?.() ?? 0
  const house = await signedIn({ peer: async () => owner })
  const { address } = await consoleOf(house)
  const ask = () => fetch(address, { redirect: 'manual', headers: { Connection: 'close' } })
  owner += 1
  t.equal((await ask()).status, 403)
  owner -= 1
  t.equal((await ask()).status, 303, 'and has not used it up')
})
