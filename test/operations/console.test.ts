/** The web console: where it opens, for how long, for whom not, and the one-time address that leads there. */
import { createServer } from 'node:http'
import t from 'tap'
import { openConsole } from '../../daemon/operations/console.ts'
import { openDoors } from '../../daemon/operations/doors.ts'
import { systemClock } from '../../daemon/system/clock.ts'
import { consoleHosts, destinationOf } from '../../daemon/upstream/aws-console.ts'
import { loginAddress, processSigninToken, signinTokenRequest } from '../../daemon/upstream/aws-federation.ts'
import type { AuthError } from '../../shared/errors.ts'
import { ConsoleRequest } from '../../shared/requests.ts'
import { Secret } from '../../shared/secret.ts'
import { aws } from '../helpers/chains.ts'
import { manualClock } from '../helpers/clock.ts'
import { seededRandom } from '../helpers/random.ts'
import { raw } from '../helpers/raw.ts'
import { type Running, type RunningOptions, running } from '../helpers/running.ts'

const HOUR = 3_600_000

function failureOf(work: () => unknown): AuthError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return error as AuthError
  }
}

t.test('the hosts of a region', async (t) => {
  const cases: [region: string, signin: string, console: string][] = [
    ['us-east-1', 'signin.aws.amazon.com', 'console.aws.amazon.com'],
    ['eu-west-1', 'eu-west-1.signin.aws.amazon.com', 'eu-west-1.console.aws.amazon.com'],
    ['eu-isolated-1', 'eu-isolated-1.signin.aws.amazon.com', 'eu-isolated-1.console.aws.amazon.com'],
    ['cn-north-1', 'signin.amazonaws.cn', 'console.amazonaws.cn'],
    ['us-gov-west-1', 'signin.amazonaws-us-gov.com', 'console.amazonaws-us-gov.com'],
  ]
  for (const [region, signin, console] of cases) t.match(consoleHosts(region), { signin, console }, region)
  for (const region of ['us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'eusc-de-east-1'])
    t.match(
      failureOf(() => consoleHosts(region)),
      { code: 'KindUnsupported', message: new RegExp(region) },
    )
})

t.test('a destination: nothing, a name, an address of the console, and nothing else', async (t) => {
  const ireland = 'https://eu-west-1.console.aws.amazon.com'
  const good: [wanted: string | undefined, region: string, expected: string][] = [
    [undefined, 'us-east-1', 'https://console.aws.amazon.com/console/home?region=us-east-1'],
    ['s3', 'us-east-1', 'https://console.aws.amazon.com/s3?region=us-east-1'],
    [' EC2 ', 'eu-west-1', `${ireland}/ec2?region=eu-west-1`],
    ['serverless', 'eu-west-1', `${ireland}/lambda/home?region=eu-west-1#/applications`],
    ['elb', 'eu-west-1', `${ireland}/ec2/v2/home?region=eu-west-1#LoadBalancers`],
    ['ssm', 'eu-west-1', `${ireland}/systems-manager?region=eu-west-1`],
    ['iot-core', 'cn-north-1', 'https://console.amazonaws.cn/iot?region=cn-north-1'],
    ['dashboard', 'us-gov-west-1', 'https://console.amazonaws-us-gov.com/console/home?region=us-gov-west-1'],
    ['https://console.aws.amazon.com', 'eu-west-1', 'https://console.aws.amazon.com/'],
    [`${ireland}/ecs/v2?region=eu-west-1#/x`, 'us-east-1', `${ireland}/ecs/v2?region=eu-west-1#/x`],
    [
      'HTTPS://S3.Console.AWS.Amazon.com/s3/buckets/a',
      'us-east-1',
      'https://s3.console.aws.amazon.com/s3/buckets/a',
    ],
  ]
  for (const [wanted, region, expected] of good)
    t.equal(destinationOf(wanted, consoleHosts(region), region), expected, wanted ?? 'the start page')

  const bad: [wanted: string, message: RegExp, hint?: RegExp][] = [
    ['s4', /no destination "s4"/, /Did you mean "s3"/],
    ['cloudwach', /no destination "cloudwach"/, /Did you mean "cloudwatch"/],
    ['something-else-entirely', /no destination/, /an address of the console/],
    ['', /no destination ""/],
    ['//evil.example', /no destination/],
    ['console.aws.amazon.com', /no destination/],
    ['constructor', /no destination/],
    ['http://console.aws.amazon.com/', /begins with http: and not with https:/],
    ['javascript:alert(1)', /begins with javascript:/],
    [
      'https://evil.example/',
      /is on evil\.example, which is not the console/,
      /https:\/\/console\.aws\.amazon\.com\//,
    ],
    ['https://evilconsole.aws.amazon.com/', /not the console/],
    ['https://console.aws.amazon.com.evil.example/', /not the console/],
    ['https://evil.example\\.console.aws.amazon.com/', /is on evil\.example/],
    ['https://evil.example/console.aws.amazon.com', /not the console/],
    ['https://console.aws.amazon.com@evil.example/', /name or password/],
    ['https://me:it@console.aws.amazon.com/', /name or password/],
    ['https://console.aws.amazon.com:8443/', /is on console\.aws\.amazon\.com:8443/],
    ['https://aws.amazon.com/', /not the console/],
    ['https://console.amazonaws.cn/', /not the console/],
    ['https://', /is no address/],
  ]
  for (const [wanted, message, hint = /./] of bad) {
    const failure = failureOf(() => destinationOf(wanted, consoleHosts('us-east-1'), 'us-east-1'))
    t.match(failure, { code: 'Usage', message, hint }, wanted)
  }
})

t.test('what the federation endpoint answers', async (t) => {
  t.equal(processSigninToken(200, '{"SigninToken":"abc"}').reveal(), 'abc')
  for (const [status, body, code] of [
    [200, '', 'UpstreamUnavailable'],
    [200, '<html>', 'UpstreamUnavailable'],
    [200, 'null', 'UpstreamUnavailable'],
    [200, '{"SigninToken":""}', 'UpstreamUnavailable'],
    [200, '{"SigninToken":{}}', 'UpstreamUnavailable'],
    [400, 'secret', 'AccessDenied'],
    [403, '', 'AccessDenied'],
    [429, '', 'UpstreamThrottled'],
    [500, '', 'UpstreamUnavailable'],
    [503, '', 'UpstreamUnavailable'],
  ] as const) {
    const failure = failureOf(() => processSigninToken(status, body))
    t.equal(failure?.code, code, `${status} ${body}`)
    t.notMatch(failure?.message, /secret/, 'nothing of the body is repeated')
  }
  const given = { token: new Secret('a&b=c'), destination: 'https://x/?a=b#c', issuer: 'a b&c' }
  const address = loginAddress({ origin: 'https://signin.aws.amazon.com' }, given).reveal()
  t.equal(
    address,
    'https://signin.aws.amazon.com/federation?Action=login&Issuer=a+b%26c&Destination=https%3A%2F%2Fx%2F%3Fa%3Db%23c&SigninToken=a%26b%3Dc',
  )
})

t.test('a redirect gets nothing', async (t) => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    response.writeHead(307, { Location: '/elsewhere' }).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.teardown(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const asking = signinTokenRequest({ origin, signal: new AbortController().signal }, aws(0), undefined)
  await t.rejects(asking, { code: 'UpstreamUnavailable' })
  t.strictSame(seen, ['/federation'])
})

t.test('a door leads somewhere once, for as long as it is open', async (t) => {
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
    az: { kind: azure/cli, tenant_id: 11111111-1111-1111-1111-111111111111 }
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

t.test('how long it lasts', async (t) => {
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
    const off = reply.sessionEndsAt - Date.now() - hours * HOUR
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

t.test('for whom there is none', async (t) => {
  const house = await signedIn()
  const rows: [identity: string, message: RegExp][] = [
    ['user', /"user" cannot open a console\. .*no session of a user/],
    ['root', /"root" cannot open a console\. .*AssumeRoot/],
    ['subscription', /"subscription" is azure\/subscription, whose console atmosd cannot open yet/],
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

t.test('when AWS fails', async (t) => {
  const impatient = (ms: number) => (ms === 15_000 ? 100 : ms)
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
