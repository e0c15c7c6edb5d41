/** aws/user by AWS's own sign-in, against the sandbox cloud over real HTTP. */
import t from 'tap'
import { lastStep } from '../../daemon/graph/chain.ts'
import type { AnyIdentity, Context } from '../../daemon/kinds/contract.ts'
import user from '../../daemon/kinds/identities/aws/user.ts'
import { isDue } from '../../daemon/sessions/session.ts'
import { signinOrigin } from '../../daemon/upstream/aws-signin.ts'
import { authorizeAddress, processPasted } from '../../daemon/upstream/aws-signin-flow.ts'
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import type { CloudOptions } from '../cloud/cloud.ts'
import { USER } from '../cloud/state.ts'
import { aheadClock, settle } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'
import { chainOf, credential, login } from '../helpers/identities.ts'
import { type Running, running } from '../helpers/running.ts'

type Test = Pick<typeof t, 'teardown'>
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const config =
  (more = '') =>
  (url: string) =>
    `auth:
  realm: sandbox
  keyring: { type: memory }
  identities:
    me: { kind: aws/user, default: true, credentials: { region: eu-west-1${more} }, spec: { endpoint_url: '${url}' } }
    role: { kind: aws/assume-role, via: { identity: me }, principal: { assume_role: 'arn:aws:iam::222222222222:role/Deploy' } }
`

interface Place {
  daemon: Running
  clock: ReturnType<typeof aheadClock>
}

async function place(t: Test, cloud: CloudOptions = {}, more?: string): Promise<Place> {
  const clock = aheadClock()
  const daemon = await running({ config: config(more), clock, cloud: { now: clock.now, ...cloud } })
  t.teardown(() => daemon.stop())
  return { daemon, clock }
}

/** Somebody whose browser is on this machine, and goes where it is sent. */
function signIn(
  { daemon }: Pick<Place, 'daemon'>,
  identity = 'me',
  shown: LoginEvent[] = [],
): Promise<LoginEvent> {
  const show = (event: LoginEvent) => {
    shown.push(event)
    if (event.type === 'browser') void fetch(event.address)
  }
  return login(daemon, identity, show, undefined, true)
}

/** Somebody whose browser is elsewhere, and who enters what `copied` makes of the code. */
function paste({ daemon }: Pick<Place, 'daemon'>, copied = (code: string) => code): Promise<LoginEvent> {
  let page = ''
  const show = async (event: LoginEvent) => {
    if (event.type === 'browser') page = event.address
    if (event.type !== 'question') return
    const text = await (await fetch(page)).text()
    const code = /Enter this code: ([\w+/=]+)/.exec(text)?.[1] ?? text
    daemon.app.house.audiences.answer(event.question, copied(code))
  }
  return login(daemon, 'me', (event) => void show(event))
}

t.test('a browser on this machine', async (t) => {
  const at = await place(t)
  const shown: LoginEvent[] = []
  const done = await signIn(at, 'me', shown)
  t.match(done, {
    type: 'done',
    session: { principal: USER.arn, account: USER.account, expiresAt: Number },
  })
  const address = new URL((shown.find(({ type }) => type === 'browser') as { address: string }).address)
  t.equal(address.pathname, '/v1/authorize')
  t.match(Object.fromEntries(address.searchParams), {
    client_id: 'arn:aws:signin:::devtools/same-device',
    redirect_uri: /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/,
    code_challenge_method: 'SHA-256',
    scope: 'openid',
    response_type: 'code',
  })
  t.equal(shown.filter(({ type }) => type === 'question').length, 0)
  t.match(await credential(at.daemon, 'role'), { accountId: '222222222222' }, 'AWS takes the keys')
  t.equal(at.daemon.cloud.calls('CreateOAuth2Token'), 1)
  t.equal(at.daemon.cloud.calls('GetSessionToken'), 0)
})

t.test('renewed for twelve hours with nobody asked, and then no more', async (t) => {
  const at = await place(t)
  const { daemon, clock } = at
  await signIn(at)
  const asked = daemon.cloud.calls('SigninAuthorize')
  const keys = new Set<string>()
  const chain = await chainOf(daemon, 'me')
  const { broker } = daemon.app.house
  for (let minutes = 0; minutes < 11.5 * 60; minutes += 5) {
    const session = await broker.session(chain)
    const { accessKeyId, principal } = session.credential as AwsCredential
    keys.add(accessKeyId)
    if (session.expiresAt - clock.now() < 4 * MINUTE_MS) t.fail(`it ends too soon after ${minutes} m`)
    if (principal !== USER.arn) t.fail(`${principal} is somebody else`)
    if (isDue(session, clock)) await broker.renew(chain) // joins what asking has begun
    clock.turn(5 * MINUTE_MS)
  }
  t.ok(keys.size > 60, `${keys.size} credentials`)
  t.equal(daemon.cloud.calls('SigninAuthorize'), asked)
  clock.turn(HOUR_MS)
  const over = await failure(credential(daemon, 'me'))
  t.match(over, {
    code: 'LoginRequired',
    message: 'The sign-in to AWS is over: it lasts 12 hours at most.',
    hint: 'Run `atmosctl login -i me`.',
  })
  t.equal(daemon.cloud.calls('SigninAuthorize'), asked, 'and still nobody was asked')
  t.match(await signIn(at), { type: 'done' })
  t.match(await credential(daemon, 'me'), { principal: USER.arn })
})

t.test('renewal is one request, and begins while the old keys are good', async (t) => {
  const at = await place(t)
  const { daemon, clock } = at
  await signIn(at)
  const chain = await chainOf(daemon, 'me')
  const { broker } = daemon.app.house
  const first = await broker.session(chain)
  clock.turn(8 * MINUTE_MS)
  t.ok(first.expiresAt - clock.now() > 5 * MINUTE_MS, 'with what SDKs want left')
  daemon.cloud.delay('CreateOAuth2Token', 100)
  const given = await Promise.all(Array.from({ length: 50 }, () => credential(daemon, 'me')))
  const { credential: held } = first
  t.ok(
    given.every((one) => one === held),
    'nobody waits',
  )
  await broker.renew(chain)
  t.not(await credential(daemon, 'me'), held)
  t.equal(daemon.cloud.calls('CreateOAuth2Token'), 2)

  await t.test('the next token is kept before it is used, and bound to the same key', async (t) => {
    const { renewal } = await credential(daemon, 'me')
    const { credential: next } = await broker.renew(chain)
    const { renewal: then } = next as AwsCredential
    t.not(then?.refreshToken.reveal(), renewal?.refreshToken.reveal())
    t.equal(then?.proofKey.reveal(), renewal?.proofKey.reveal())
    t.equal(broker.held.peek(chain.keyring, lastStep(chain).key)?.credential, next)
  })

  await t.test('what passes keeps the sign-in', async (t) => {
    const operation = 'CreateOAuth2Token'
    for (const fault of [{ kind: 'status', status: 500 }, { kind: 'garbage' }, { kind: 'empty' }] as const) {
      daemon.cloud.fault({ operation, ...fault, times: 1 })
      t.match(await failure(broker.renew(chain)), { code: 'UpstreamUnavailable' }, fault.kind)
    }
    for (const [status, code] of [
      [429, 'TooManyRequestsError'],
      [400, 'ThrottlingException'],
    ] as const) {
      daemon.cloud.fault({ operation, kind: 'status', status, code, times: 1 })
      t.match(await failure(broker.renew(chain)), { code: 'UpstreamThrottled' }, code)
    }
    t.match(await broker.renew(chain), { credential: { principal: USER.arn } })
  })
})

t.test('with nobody to ask, nothing is begun', async (t) => {
  const { daemon } = await place(t)
  for (const name of ['me', 'role'])
    t.match(await failure(credential(daemon, name)), {
      code: 'LoginRequired',
      message: 'There are no keys, and nobody is signed in to AWS.',
      hint: `Run \`atmosctl login -i ${name}\`.`,
    })
  t.equal(daemon.cloud.calls(), 0)
  const not = await place(t, {}, ', webflow_enabled: false')
  t.match(await signIn(not), {
    failure: {
      code: 'LoginRequired',
      message: 'The identity "me" has no keys yet.',
      hint: /user configure -i me/,
    },
  })
  t.equal(not.daemon.cloud.calls(), 0)
})

t.test('a browser elsewhere, and the code that it shows', async (t) => {
  const at = await place(t)
  t.match(await paste(at), { type: 'done', session: { principal: USER.arn } })
  const { renewal } = await credential(at.daemon, 'me')
  t.equal(renewal?.clientId, 'arn:aws:signin:::devtools/cross-device')
  at.clock.turn(20 * MINUTE_MS)
  t.match(await credential(at.daemon, 'me'), { principal: USER.arn }, 'renewed as others are')

  await t.test('and what is not that code', async (t) => {
    const other = await place(t)
    const spaced = (code: string) => ` ${code.slice(0, 9)}\n${code.slice(9)} `
    t.match(await paste(other, () => 'what?'), {
      failure: { code: 'LoginRefused', message: /not the code that the browser shows/, hint: /copy all/ },
    })
    const another = Buffer.from('state=somebody-else&code=x').toString('base64')
    t.match(await paste(other, () => another), {
      failure: { code: 'LoginRefused', message: 'The code belongs to another sign-in.' },
    })
    t.equal(other.daemon.cloud.calls('CreateOAuth2Token'), 0, 'AWS is not sent either')
    const wrong = (code: string) => {
      const given = new URLSearchParams(Buffer.from(code, 'base64').toString())
      given.set('code', 'wrong')
      return Buffer.from(given.toString()).toString('base64')
    }
    t.match(await paste(other, wrong), {
      failure: { code: 'LoginRefused', message: 'AWS did not take the code of the sign-in.', hint: /clock/ },
    })
    t.match(await paste(other, spaced), { type: 'done' }, 'broken in two lines on its way')
  })
  t.equal(processPasted(Buffer.from('code=a%2Bb&state=s').toString('base64'), 's'), 'a+b')
})

t.test('who comes later is shown the address too, and whoever enters the code does so for all', async (t) => {
  const at = await place(t)
  const seen: string[] = []
  const first = paste(at, (code) => {
    answer = code
    return ''
  })
  let answer = ''
  const { audiences } = at.daemon.app.house
  const answered = audiences.answer
  audiences.answer = (question, text) => text !== '' && answered(question, text) // the first one only looks
  while (answer === '') await settle()
  const second = login(at.daemon, 'me', (event) => {
    seen.push(event.type)
    if (event.type === 'question') audiences.answer(event.question, answer)
  })
  t.match(await Promise.all([first, second]), [{ type: 'done' }, { type: 'done' }])
  t.strictSame(seen, ['started', 'step', 'browser', 'question', 'done'])
  t.equal(at.daemon.cloud.calls('CreateOAuth2Token'), 1)
})

t.test('a keyring that cannot be read is no keyring without keys', async (t) => {
  const locked = new AuthError('StoreUnavailable', 'The keyring cannot be reached.')
  const context = {
    entrusted: () => Promise.reject(locked),
    prompt: { hasBrowser: () => t.fail('nobody is to sign in for that') },
  } as unknown as Context
  t.equal(await failure((user as AnyIdentity).assume({}, undefined as never, context)), locked)
})

t.test('refused in the browser', async (t) => {
  const at = await place(t, { approval: 'manual' })
  const show = async (event: LoginEvent) => {
    if (event.type !== 'browser') return
    const { origin, search } = new URL(event.address)
    const body = new URLSearchParams({ request: search.slice(1), decision: 'denied' })
    await fetch(`${origin}/v1/authorize`, { method: 'POST', body })
  }
  const last = await login(at.daemon, 'me', (event) => void show(event), undefined, true)
  t.match(last, { failure: { code: 'LoginRefused', message: /refused in the browser \(access_denied\)/ } })
})

t.test('what AWS says to a code', async (t) => {
  for (const [error, code, said] of [
    ['AUTHCODE_EXPIRED', 'LoginExpired', /too old when AWS got it/],
    ['INSUFFICIENT_PERMISSIONS', 'AccessDenied', /SignInLocalDevelopmentAccess/],
  ] as const) {
    const at = await place(t)
    at.daemon.cloud.fault({
      operation: 'CreateOAuth2Token',
      kind: 'status',
      status: 400,
      code: 'AccessDeniedException',
      error,
    })
    const last = (await signIn(at)) as Extract<LoginEvent, { type: 'failed' }>
    t.equal(last.failure.code, code)
    t.match(`${last.failure.message} ${last.failure.hint}`, said)
  }
  const slow = await place(t)
  slow.daemon.cloud.fault({
    operation: 'CreateOAuth2Token',
    kind: 'status',
    status: 429,
    code: 'TooManyRequestsError',
  })
  t.match(await signIn(slow), { failure: { code: 'UpstreamThrottled' } })
  const late = await place(t)
  const dawdle = async (event: LoginEvent) => {
    if (event.type !== 'browser') return
    const page = await fetch(event.address, { redirect: 'manual' })
    late.clock.turn(10 * MINUTE_MS)
    void fetch(page.headers.get('location') ?? '')
  }
  t.match(await login(late.daemon, 'me', (event) => void dawdle(event), undefined, true), {
    failure: { code: 'LoginExpired' },
  })
})

t.test('what AWS says to a renewal', async (t) => {
  const at = await place(t)
  await signIn(at)
  at.daemon.cloud.changePassword()
  at.clock.turn(16 * MINUTE_MS)
  t.match(await failure(credential(at.daemon, 'me')), {
    code: 'LoginRequired',
    message: 'The sign-in to AWS is over: the password of the user was changed.',
    hint: 'Run `atmosctl login -i me`.',
  })
  t.match(await signIn(at, 'role'), { type: 'done' }, 'a sign-in helps, and what follows from it')

  const denied = await place(t)
  await signIn(denied)
  const fault = { operation: 'CreateOAuth2Token', kind: 'status', status: 400 } as const
  denied.daemon.cloud.fault({ ...fault, code: 'AccessDeniedException', error: 'INSUFFICIENT_PERMISSIONS' })
  denied.clock.turn(16 * MINUTE_MS)
  t.match(await failure(credential(denied.daemon, 'me')), { code: 'AccessDenied', hint: /policy/ })
  denied.daemon.cloud.clearFaults()
  denied.clock.turn(MINUTE_MS)
  t.match(await credential(denied.daemon, 'me'), { principal: USER.arn }, 'allowed again')
})

t.test('keys count more than a sign-in', async (t) => {
  const at = await place(t)
  const { entrustKeys } = await import('../../daemon/operations/keys.ts')
  await signIn(at)
  const keys = { accessKeyId: USER.accessKeyId, secretAccessKey: USER.secretAccessKey }
  const { workspace, app } = at.daemon
  await entrustKeys(app.house, { workspace, identity: 'me', keys })
  t.match(await credential(at.daemon, 'me'), { renewal: undefined })
  t.equal(at.daemon.cloud.calls('GetSessionToken'), 1)
  t.equal(at.daemon.cloud.calls('CreateOAuth2Token'), 1)
})

t.test('hosts of each partition', async (t) => {
  const origin = (region: string) => signinOrigin({ region, endpoint: undefined })
  t.equal(origin('us-east-1'), 'https://us-east-1.signin.aws.amazon.com')
  t.equal(origin('eu-west-1'), 'https://eu-west-1.signin.aws.amazon.com')
  t.equal(origin('cn-north-1'), 'https://cn-north-1.signin.amazonaws.cn')
  t.equal(origin('us-gov-west-1'), 'https://us-gov-west-1.signin.amazonaws-us-gov.com')
  t.throws(() => origin('us-iso-east-1'), { code: 'KindUnsupported' })
  const request = { redirectUri: 'http://127.0.0.1:1/oauth/callback', state: 's', codeVerifier: 'v' }
  const address = authorizeAddress({ region: 'eu-west-1', endpoint: 'http://127.0.0.1:1/' }, 'c', request)
  t.match(address, /^http:\/\/127\.0\.0\.1:1\/v1\/authorize\?/)
})
