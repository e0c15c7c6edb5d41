/** The daemon as a client of IAM Identity Center: what it sends, how it waits, and what it keeps. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../daemon/system/clock.ts'
import { codeLogin } from '../../daemon/upstream/sso-code-flow.ts'
import { deviceLogin } from '../../daemon/upstream/sso-device-flow.ts'
import { tokenRequest } from '../../daemon/upstream/sso-oidc.ts'
import { roleCredentialsRequest } from '../../daemon/upstream/sso-portal.ts'
import { formatInstant } from '../../shared/duration.ts'
import { Secret } from '../../shared/secret.ts'
import { ssoToken } from '../helpers/chains.ts'
import { manualClock, turned } from '../helpers/clock.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { chainOf } from '../helpers/identities.ts'
import { running } from '../helpers/running.ts'
import { type Answers, browser, service } from '../helpers/sso.ts'

const willing = () =>
  browser((asked, back) => {
    back.searchParams.set('state', asked.get('state') ?? '')
    back.searchParams.set('code', 'the-code')
  })

t.test('198: what is registered for a browser that comes back', async (t) => {
  const { at, bodyOf } = await service(t)
  await codeLogin(at, willing().signIn)
  t.strictSame(bodyOf('/client/register'), {
    clientName: 'atmosd',
    clientType: 'public',
    scopes: ['sso:account:access'],
    issuerUrl: 'https://company.awsapps.com/start',
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: ['http://127.0.0.1/oauth/callback'],
  })
})

t.test('200: each sign-in has a verifier and a state of its own, and another state ends it', async (t) => {
  const verifiers = new Set<unknown>()
  const states = new Set<string | null>()
  for (let turn = 0; turn < 2; turn++) {
    const { at, bodyOf } = await service(t)
    const { shown, signIn } = willing()
    await codeLogin(at, signIn)
    const verifier = String(bodyOf('/token')?.codeVerifier)
    t.match(verifier, /^[\w.~-]{43,128}$/)
    t.match(Object.fromEntries(shown[0] ?? []), {
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      state: /^[\w-]{22,}$/,
    })
    verifiers.add(verifier)
    states.add(shown[0]?.get('state') ?? null)
  }
  t.strictSame([verifiers.size, states.size], [2, 2])

  const { at, bodyOf } = await service(t)
  const { statuses, signIn } = browser((_, back) => {
    back.searchParams.set('state', 'x'.repeat(43))
    back.searchParams.set('code', 'stolen')
  })
  await t.rejects(codeLogin(at, signIn), { code: 'LoginRefused' })
  t.strictSame(await Promise.all(statuses), [400])
  t.equal(bodyOf('/token'), undefined, 'and its code is not tried')
})

t.test(
  '202: five seconds between questions where the service names none, until the code has expired',
  async (t) => {
    const clock = manualClock()
    const pending: Answers = {
      '/token': [400, { error: 'authorization_pending', __type: 'AuthorizationPendingException' }],
    }
    const { at, seen } = await service(t, pending)
    const waiting = turned(clock, deviceLogin(at, { clock, prompt: { deviceCode() {} } }), 1_000)
    await t.rejects(waiting, { code: 'LoginExpired' })
    const questions = seen.filter(({ path }) => path === '/token').length
    t.equal(questions, 12, 'a minute of five seconds each')
  },
)

t.test('202: who says no is told so', async (t) => {
  const { at } = await service(t, { '/token': [400, { __type: 'AccessDeniedException' }] })
  const clock = { ...systemClock, sleep: async () => {} }
  const refused = deviceLogin(at, { clock, prompt: { deviceCode() {} } })
  await t.rejects(refused, { code: 'LoginRefused', message: /refused in the browser/ })
})

t.test('203: tokens are asked for in JSON, with names in camel case', async (t) => {
  const one = await service(t)
  await codeLogin(one.at, willing().signIn)
  t.match(one.bodyOf('/token'), {
    clientId: 'c',
    clientSecret: 's',
    grantType: 'authorization_code',
    code: 'the-code',
    redirectUri: /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/,
    codeVerifier: /./,
  })
  const two = await service(t)
  await deviceLogin(two.at, { clock: { ...systemClock, sleep: async () => {} }, prompt: { deviceCode() {} } })
  t.match(two.bodyOf('/token'), { grantType: /device_code$/, deviceCode: 'd' })
  const three = await service(t)
  const client = { clientId: 'c', clientSecret: new Secret('s'), expiresAt: 0 }
  await tokenRequest(three.at, client, { grantType: 'refresh_token', refreshToken: 'old' })
  t.match(three.bodyOf('/token'), { grantType: 'refresh_token', refreshToken: 'old' })
  for (const { seen } of [one, two, three])
    for (const { headers, method } of seen) {
      t.match([method, headers['content-type']], ['POST', /^application\/json/])
      t.notOk('authorization' in headers, 'unsigned')
    }
})

t.test('205, 206: the cache of the aws command line is neither written nor read', async (t) => {
  const { home } = await cloudHome(t)
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  t.notOk(existsSync(join(home.path, '.aws')), 'nothing of ours is where another tool would renew it')
  await home.atmosctl(['logout', '--all'])
  const cache = join(home.path, '.aws', 'sso', 'cache')
  mkdirSync(cache, { recursive: true })
  const file = join(
    cache,
    `${createHash('sha1').update('https://company.awsapps.com/start').digest('hex')}.json`,
  )
  for (const text of ['{', '{"accessToken":"x","expiresAt":"2099-01-01T00:00:00UTC"}']) {
    writeFileSync(file, text)
    t.match(await home.atmosctl(['env']), { code: 4, stderr: /Nobody is signed in/ })
    t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
    t.equal(readFileSync(file, 'utf8'), text)
    await home.atmosctl(['logout', '--all'])
  }
  t.equal(readdirSync(cache).length, 1)
})

t.test(
  '207: the end of role credentials is in milliseconds; 401 is for a new sign-in, 429 passes',
  async (t) => {
    const end = Date.UTC(2030, 0, 2, 3, 4, 5)
    const credentials = { accessKeyId: 'ASIAX', secretAccessKey: 's', sessionToken: 't', expiration: end }
    const path = '/federation/credentials'
    const role = { roleName: 'Admin', accountId: '111111111111' }
    const asked = async (answers: Answers) => {
      const { at, seen } = await service(t, answers)
      const portal = { ...at, token: ssoToken(Date.now() + 60_000) }
      return { given: await roleCredentialsRequest(portal, role), seen }
    }
    const { given, seen } = await asked({ [path]: [200, { roleCredentials: credentials }] })
    t.equal(given.expiresAt, end)
    t.equal(formatInstant(given.expiresAt), '2030-01-02T03:04:05Z')
    t.ok(seen[0]?.headers['x-amz-sso_bearer_token'])
    const refused = asked({ [path]: [401, { __type: 'UnauthorizedException' }] })
    await t.rejects(refused, { code: 'CredentialRejected' })
    const throttled = asked({ [path]: [429, { __type: 'TooManyRequestsException' }] })
    await t.rejects(throttled, { code: 'UpstreamThrottled' })
  },
)

t.test('208: a refresh token is used once, however many want a new session', async (t) => {
  const daemon = await running()
  t.teardown(() => daemon.stop())
  await daemon.signIn('dev-admin')
  const chain = await chainOf(daemon, 'dev-admin')
  const portal = { ...chain, steps: chain.steps.slice(0, 1) }
  daemon.cloud.resetCalls()
  daemon.cloud.delay('CreateToken', 50)
  await Promise.all(Array.from({ length: 20 }, () => daemon.app.house.broker.renew(portal)))
  t.equal(daemon.cloud.calls('CreateToken'), 1)
})
