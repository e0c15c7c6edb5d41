/** aws/saml without a browser: Okta, AD FS and Google as real servers, and roles of the sandbox cloud. */
import t from 'tap'
import { lastStep, parentChain } from '../../daemon/graph/chain.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import { driverFor } from '../../daemon/upstream/saml-login.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import { startIdp, type TestIdp } from '../cloud/identity-provider.ts'
import { DEPLOY, PERSON } from '../cloud/idp-state.ts'
import { failure } from '../helpers/failure.ts'
import { chainOf, credential, login } from '../helpers/identities.ts'
import { type Running, running } from '../helpers/running.ts'

type Test = Pick<typeof t, 'teardown'>
interface Place {
  daemon: Running
  idp: TestIdp
}

const PATHS = {
  Okta: '/okta/app/amazon_aws/abc/sso/saml',
  ADFS: '/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices',
  GoogleApps: '/google/sso',
} as const
type Driver = keyof typeof PATHS

/** A look at the phone every few milliseconds. */
const quick: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms === 4_000 ? 10 : ms, signal),
}

async function place(t: Test, driver: Driver, fields = ''): Promise<Place> {
  const idp = await startIdp()
  const daemon = await running({
    clock: quick,
    config: (url) => `auth:
  realm: office
  keyring: { type: memory }
  providers:
    office: { kind: aws/saml, region: us-east-1, url: '${idp.url}${PATHS[driver]}', driver: ${driver}, spec: { endpoint_url: '${url}' }${fields} }
  identities:
    deploy: { kind: aws/assume-role, default: true, via: { provider: office }, principal: { assume_role: '${DEPLOY}' } }
    read: { kind: aws/assume-role, via: { provider: office }, principal: { assume_role: '${DEPLOY.replace('Deploy', 'Read')}' } }
    other: { kind: aws/assume-role, via: { provider: office }, principal: { assume_role: 'arn:aws:iam::222222222222:role/Other' } }
`,
  })
  t.teardown(async () => {
    await daemon.stop()
    await idp.close()
  })
  return { daemon, idp }
}

/** Signs in as a person who types these answers, one a question. Returns what was asked and how it ended. */
async function typing({ daemon }: Place, answers: string[], identity = 'deploy') {
  const asked: string[] = []
  const seen: LoginEvent[] = []
  const end = await login(daemon, identity, (event) => {
    seen.push(event)
    if (event.type === 'wait') asked.push(event.what)
    if (event.type !== 'question') return
    asked.push(`${event.label}${event.secret ? ' *' : ''}`)
    daemon.app.house.audiences.answer(event.question, answers.shift() ?? '')
  })
  return { asked, end, seen }
}

const { name, password, code } = PERSON

for (const driver of Object.keys(PATHS) as Driver[]) {
  t.test(`${driver}: a person signs in once`, async (t) => {
    const at = await place(t, driver)
    const host = new URL(at.idp.url).host
    const { asked, end } = await typing(at, [name, password])
    t.match(end, { type: 'done', session: { principal: /assumed-role\/Deploy\/jo@example.com$/ } })
    t.strictSame(asked, [`User name at ${host}`, `Password of ${name} at ${host} *`])
    t.equal(at.daemon.cloud.calls('AssumeRoleWithSAML'), 1)
    t.equal(at.daemon.cloud.calls('AssumeRole'), 0)
    t.match(await typing(at, [], 'read'), { asked: [], end: { type: 'done' } })
    t.equal(at.idp.calls('assertion'), 1, 'the assertion is good for another role, while it lives')

    await t.test('later with nobody asked, by what the keyring keeps', async (t) => {
      await forgetSessions(at)
      t.match(await credential(at.daemon, 'deploy'), { principal: /Deploy/ })
      t.equal(at.idp.calls('password'), 2)
    })
    await t.test('an outage is none of the person’s', async (t) => {
      await forgetSessions(at)
      at.idp.knobs.down = true
      t.match(await failure(credential(at.daemon, 'deploy')), {
        code: 'UpstreamUnavailable',
        message: /outage/,
      })
      at.idp.knobs.down = false
      await forgetSessions(at)
      t.match(await credential(at.daemon, 'deploy'), { principal: /Deploy/ })
    })
    await t.test('the background does not go on guessing', async (t) => {
      if (driver === 'GoogleApps') return
      await forgetSessions(at)
      at.idp.knobs.locked = true
      t.match(await failure(credential(at.daemon, 'deploy')), { code: 'LoginRequired' })
      const before = at.idp.calls('password')
      t.match(await failure(credential(at.daemon, 'read')), { code: 'LoginRequired' })
      t.equal(at.idp.calls('password'), before)
      at.idp.knobs.locked = false
      t.equal((await typing(at, [])).end.type, 'done', 'it was not refused, so it is kept')
    })
  })

  t.test(`${driver}: codes`, async (t) => {
    const at = await place(t, driver, `, username: ${name}`)
    at.idp.knobs.factor = 'totp'
    const wrong = await typing(at, [password, '111111', '222222', code])
    t.match(wrong.end, {
      type: 'failed',
      failure: { code: 'LoginRefused', message: /refused the code twice/, hint: /next code/ },
    })
    t.equal(wrong.asked.length, 3, 'the password and two codes')
    t.equal(at.idp.calls('verify'), 2)
    const retried = await typing(at, [password, '111111', code])
    t.match(retried.end, { type: 'done' })
    t.match(retried.asked[2], /code was refused/)
    await forgetSessions(at)
    const before = at.idp.calls('password')
    t.match(await failure(credential(at.daemon, 'deploy')), { code: 'LoginRequired' })
    t.equal(at.idp.calls('password'), before, 'whoever needs a code is left alone in the background')
    const again = await typing(at, [code])
    t.match(again, { end: { type: 'done' }, asked: [/^Code (?:of|for) /] }, 'the password is kept')
  })

  t.test(`${driver}: a wrong password`, async (t) => {
    const at = await place(t, driver)
    const { asked, end } = await typing(at, [name, 'wrong', 'wrong again', password])
    t.equal(asked.length, 3)
    t.match(end, {
      failure: { code: 'LoginRefused', message: /refused the user name or the password/, hint: /lock/ },
    })
    t.equal(at.idp.calls('password'), 2)
    t.match(await typing(at, [name, 'wrong', password]), { end: { type: 'done' } })

    const fixed = await place(t, driver, `, username: ${name}, password: of-the-configuration`)
    t.match(await typing(fixed, []), {
      asked: [],
      end: { failure: { code: 'LoginRefused', message: /of the configuration/, hint: /Correct/ } },
    })
    t.equal(fixed.idp.calls('password'), 1, 'one try')
    const nothing = await typing(at, [''], 'other')
    t.match(nothing.end, { type: 'failed' })
  })
}

/** As if so much time had passed that neither role nor assertion is left. */
async function forgetSessions({ daemon }: Place): Promise<void> {
  const { broker } = daemon.app.house
  for (const name of ['deploy', 'read']) await broker.drop(await chainOf(daemon, name))
  const root = parentChain(await chainOf(daemon, 'deploy'))
  if (!root) throw new Error('no root')
  const held = broker.held.peek(root.keyring, lastStep(root).key)
  if (!held) throw new Error('nothing held')
  await broker.held.put(root.keyring, { ...held, expiresAt: 0, monotonicEnd: 0 })
  for (const chain of [root, await chainOf(daemon, 'deploy'), await chainOf(daemon, 'read')])
    broker.setbacks.clear(lastStep(chain).key)
}

t.test('Okta: states of its API', async (t) => {
  const at = await place(t, 'Okta', `, username: ${name}`)
  const { knobs } = at.idp
  for (const [status, message] of [
    ['PASSWORD_EXPIRED', /password has expired/],
    ['MFA_ENROLL', /second factor to be set up/],
    ['SOMETHING_NEW', /state called SOMETHING_NEW/],
  ] as const) {
    knobs.status = status
    const { end } = await typing(at, [password])
    t.match(end, { type: 'failed', failure: { message, hint: /browser/i } }, status)
  }
  delete knobs.status
  knobs.locked = true
  t.match((await typing(at, [password])).end, { failure: { code: 'LoginRefused', message: /has locked/ } })
  knobs.locked = false
  knobs.factor = 'webauthn'
  t.match((await typing(at, [password])).end, {
    failure: {
      code: 'UpstreamInvalid',
      message: /security key/,
      hint: 'Use `driver: Browser` for this provider.',
    },
  })
  knobs.factor = 'sms'
  t.match(await typing(at, [password, code]), { end: { type: 'done' } })
})

t.test('Okta: a push is looked after until the phone has answered', async (t) => {
  for (const [result, expected] of [
    ['SUCCESS', { type: 'done' }],
    ['REJECTED', { failure: { code: 'LoginRefused', message: /rejected on the phone/ } }],
    ['TIMEOUT', { failure: { code: 'LoginExpired', message: /Nobody confirmed/ } }],
  ] as const) {
    const at = await place(t, 'Okta', `, username: ${name}`)
    at.idp.knobs.factor = 'push'
    at.idp.knobs.push = { looks: 1, result, number: 42 }
    const { asked, end } = await typing(at, [password])
    t.match(end, expected, result)
    t.strictSame(asked.slice(1), ['Confirm the sign-in on your phone', 'Choose 42 on your phone'])
    t.equal(at.idp.calls('verify'), 2)
  }
})

t.test('what a form cannot do is said, and what to do instead', async (t) => {
  const at = await place(t, 'ADFS', `, username: ${name}`)
  for (const [changed, message] of [
    ['form', /shows a form that is not known, which ADFS cannot do/],
    ['script', /shows a page without a form/],
    ['captcha', /asks for a captcha/],
    ['elsewhere', /wants what was entered to go to evil\.example/],
  ] as const) {
    at.idp.knobs.changed = changed
    const { end } = await typing(at, [password])
    t.match(end, { failure: { code: 'UpstreamInvalid', message, hint: /driver: Browser/ } }, changed)
  }
  at.idp.knobs.changed = 'circle'
  t.match((await typing(at, [])).end, {
    failure: { code: 'UpstreamInvalid', message: /redirects without an end/ },
  })
  t.equal(at.idp.calls('password'), 0, 'nothing was sent')
  at.idp.knobs.changed = 'no'
  at.idp.knobs.to = `${at.idp.url}/elsewhere`
  t.match((await typing(at, [password])).end, { type: 'failed', failure: { hint: /./ } })
})

t.test('a role that is not offered', async (t) => {
  const at = await place(t, 'Okta', `, username: ${name}`)
  const { end } = await typing(at, [password], 'other')
  t.match(end, {
    failure: {
      code: 'AccessDenied',
      message: /does not offer you .*Other/,
      hint: /It offers .*Deploy, .*Read/,
    },
  })
  t.equal(at.daemon.cloud.calls('AssumeRoleWithSAML'), 0)
})

t.test('how long the role lasts', async (t) => {
  const at = await place(t, 'Okta', `, username: ${name}, session: { duration: 2h }`)
  await typing(at, [password])
  const { expiresAt } = await credential(at.daemon, 'deploy')
  t.ok(Math.abs(expiresAt - Date.now() - 7_200_000) < 5_000, 'what the provider says of its first role')
})

t.test('which driver, where none is named', (t) => {
  const wanted = (address: string, more = {}) => ({ address: new URL(address), headless: false, ...more })
  const none = () => false
  for (const [address, expected] of [
    ['https://accounts.google.com/o/saml2/initsso?idpid=1', 'GoogleApps'],
    ['https://acme.okta.com/app/amazon_aws/x/sso/saml', 'Okta'],
    ['https://adfs.acme.example/adfs/ls/idpinitiatedsignon.aspx', 'ADFS'],
    ['https://login.microsoftonline.com/x', 'Browser'],
    ['https://okta.com.evil.example/', 'Browser'],
  ] as const) {
    t.equal(driverFor(wanted(address), none), expected, address)
    t.equal(
      driverFor(wanted(address), () => true),
      'Browser',
      'a machine with a browser',
    )
    t.equal(driverFor(wanted(address, { download_browser_driver: true }), none), 'Browser')
  }
  t.equal(
    driverFor(wanted('https://acme.okta.com/', { driver: 'ADFS' }), () => true),
    'ADFS',
  )
  t.end()
})
