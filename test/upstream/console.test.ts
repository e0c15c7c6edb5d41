/** The web console of AWS: its hosts, what people call its parts, and the federation endpoint that signs in. */
import { createServer } from 'node:http'
import t from 'tap'
import { systemClock } from '../../daemon/system/clock.ts'
import { consoleHosts, destinationOf } from '../../daemon/upstream/aws-console.ts'
import { loginAddress, processSigninToken, signinTokenRequest } from '../../daemon/upstream/aws-federation.ts'
import { Secret } from '../../shared/secret.ts'
import { aws } from '../helpers/chains.ts'
import { failureOf } from '../helpers/failure.ts'

t.test('210: the hosts of a region', async (t) => {
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

t.test('210: a destination: nothing, a name, an address of the console, and nothing else', async (t) => {
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
  t.equal(processSigninToken({ status: 200, text: '{"SigninToken":"abc"}' }).reveal(), 'abc')
  for (const [status, text, code] of [
    [200, '', 'UpstreamUnavailable'],
    [200, '<html>', 'UpstreamUnavailable'],
    [200, 'null', 'UpstreamUnavailable'],
    [200, '{"SigninToken":""}', 'UpstreamUnavailable'],
    [200, '{"SigninToken":{}}', 'UpstreamUnavailable'],
    [302, '', 'UpstreamUnavailable'],
    [400, 'secret', 'AccessDenied'],
    [403, '', 'AccessDenied'],
    [429, '', 'UpstreamThrottled'],
    [500, '', 'UpstreamUnavailable'],
    [503, '', 'UpstreamUnavailable'],
  ] as const) {
    const failure = failureOf(() => processSigninToken({ status, text }))
    t.equal(failure?.code, code, `${status} ${text}`)
    t.notMatch(failure?.message, /secret/, 'nothing of the body is repeated')
  }
  const given = { token: new Secret('a&b=c'), destination: 'https://x/?a=b#c', issuer: 'a b&c' }
  const address = loginAddress({ origin: 'https://signin.aws.amazon.com' }, given).reveal()
  t.equal(
    address,
    'https://signin.aws.amazon.com/federation?Action=login&Issuer=a+b%26c&Destination=https%3A%2F%2Fx%2F%3Fa%3Db%23c&SigninToken=a%26b%3Dc',
  )
})

t.test('209: a session is sent in the body, and a duration only where one is asked for', async (t) => {
  const seen: [address: string, form: URLSearchParams][] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    seen.push([`${request.method} ${request.url}`, new URLSearchParams(body)])
    response.end('{"SigninToken":"abc"}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.teardown(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const credential = aws(0)
  for (const seconds of [undefined, 3_600])
    await signinTokenRequest({ origin, clock: systemClock }, credential, seconds)
  for (const [address, form] of seen) {
    t.equal(address, 'POST /federation', 'no address has a secret in it')
    t.equal(form.get('Action'), 'getSigninToken')
    t.strictSame(JSON.parse(form.get('Session') ?? ''), {
      sessionId: credential.accessKeyId,
      sessionKey: credential.secretAccessKey.reveal(),
      sessionToken: credential.sessionToken.reveal(),
    })
  }
  t.strictSame(
    seen.map(([, form]) => form.get('SessionDuration')),
    [null, '3600'],
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
  const asking = signinTokenRequest({ origin, clock: systemClock }, aws(0), undefined)
  await t.rejects(asking, { code: 'UpstreamUnavailable' })
  t.strictSame(seen, ['/federation'])
})
