/** Each kind against the sandbox cloud, which checks what the real one checks. */
import { connect } from 'node:net'
import t from 'tap'
import { lastStep } from '../../daemon/graph/chain.ts'
import { sessionName } from '../../daemon/kinds/identities/aws/assume-role.ts'
import { listWorkspace } from '../../daemon/operations/listing.ts'
import { whoami } from '../../daemon/operations/whoami.ts'
import { systemClock } from '../../daemon/system/clock.ts'
import { authorizeUrl } from '../../daemon/upstream/sso-code-flow.ts'
import { deviceLogin } from '../../daemon/upstream/sso-device-flow.ts'
import { processToken, registerClientRequest } from '../../daemon/upstream/sso-oidc.ts'
import type { AwsSsoToken } from '../../shared/credential.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import { type CloudOptions, startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { ssoToken } from '../helpers/chains.ts'
import { manualClock, settle } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'
import { chainOf, credential, login } from '../helpers/identities.ts'
import { type Running, running } from '../helpers/running.ts'

type Teardown = Pick<typeof t, 'teardown'>

async function place(
  t: Teardown,
  config: (url: string) => string = exampleConfig,
  cloud: CloudOptions = {},
): Promise<Running> {
  const daemon = await running({ config, cloud })
  t.teardown(() => daemon.stop())
  return daemon
}

/** The example with something replaced, which must be there. */
function changed(from: string, to: string): (url: string) => string {
  return (url) => {
    const text = exampleConfig(url)
    if (!text.includes(from)) throw new Error(`no ${from}`)
    return text.replace(from, to)
  }
}

const ROLE = "assume_role: 'arn:aws:iam::222222222222:role/ProductionAdmin', session_name: sandbox"

t.test('aws/iam-identity-center, device code', async (t) => {
  await t.test(
    '199: a second sign-in uses the registered client again; one that AWS forgot is registered anew',
    async (t) => {
      const daemon = await place(t)
      t.equal((await login(daemon, 'dev-admin')).type, 'done')
      const [root] = (await chainOf(daemon, 'dev-admin')).steps
      const again = async () => {
        daemon.cloud.revokeAccessTokens()
        daemon.cloud.revokeRefreshTokens()
        const held = daemon.app.house.broker.held.peek({ type: 'memory' }, root?.key ?? '')
        const chain = { ...(await chainOf(daemon, 'dev-admin')), steps: root ? [root] : [] }
        t.ok(held)
        return daemon.app.house.broker.mintAsking(
          chain,
          {
            prompt: {
              deviceCode() {},
              browser() {},
              wait() {},
              hasBrowser: () => false,
              ask: async () => '',
            },
            interactive: true,
          },
          new AbortController().signal,
        )
      }
      await again()
      t.equal(daemon.cloud.calls('RegisterClient'), 1)
      daemon.cloud.fault({
        operation: 'StartDeviceAuthorization',
        kind: 'status',
        status: 401,
        code: 'InvalidClientException',
        times: 1,
      })
      await again()
      t.equal(daemon.cloud.calls('RegisterClient'), 2)
    },
  )

  await t.test('204: refresh tokens rotate, and each new one is kept', async (t) => {
    const daemon = await place(t)
    await login(daemon, 'dev-admin')
    const chain = await chainOf(daemon, 'dev-admin')
    const portal = { ...chain, steps: chain.steps.slice(0, 1) }
    const tokens = new Set<string>()
    for (let round = 0; round < 3; round++) {
      const { credential: token } = await daemon.app.house.broker.renew(portal)
      tokens.add((token as AwsSsoToken).refreshToken?.reveal() ?? '')
    }
    t.equal(tokens.size, 3)
    daemon.cloud.revokeRefreshTokens()
    t.match(await failure(daemon.app.house.broker.renew(portal)), {
      code: 'LoginRequired',
      hint: /--provider company-sso/,
    })
  })

  await t.test('204: a refresh token stays in force where the answer has none', async (t) => {
    const before = ssoToken(0)
    const at = {
      region: 'us-east-1',
      endpoint: undefined,
      startUrl: '',
      signal: new AbortController().signal,
    }
    const answer = { accessToken: 'new', expiresIn: 60, $metadata: {} }
    t.match(processToken(at, answer, before.client, 5_000, before), {
      expiresAt: 65_000,
      refreshToken: before.refreshToken,
    })
    t.throws(() => processToken(at, { $metadata: {} }, before.client, 0), { code: 'UpstreamUnavailable' })
  })

  await t.test('a client that was registered for the other flow is registered anew', async (t) => {
    const cloud = await startCloud({ approval: 'automatic' })
    t.teardown(() => cloud.close())
    const signal = new AbortController().signal
    const at = { region: 'us-east-1', endpoint: cloud.url, startUrl: 'https://a.b', signal }
    const signIn = { clock: { ...systemClock, sleep: async () => {} }, prompt: { deviceCode() {} } }
    const other = await registerClientRequest(at, 'code')
    const { client } = await deviceLogin(at, signIn, other)
    t.not(client.clientId, other.clientId)
    t.equal((await deviceLogin(at, signIn, client)).client.clientId, client.clientId, 'its own is used again')
  })

  await t.test('202: slow_down adds five seconds for good; the pace is the one agreed on', async (t) => {
    const clock = manualClock()
    const cloud = await startCloud({ now: clock.now })
    t.teardown(() => cloud.close())
    const at = {
      region: 'us-east-1',
      endpoint: cloud.url,
      startUrl: 'https://a.b',
      signal: new AbortController().signal,
    }
    const shown: string[] = []
    const done = deviceLogin(at, { clock, prompt: { deviceCode: ({ userCode }) => shown.push(userCode) } })
    await until(() => shown.length === 1 && clock.sleeping() === 1)
    cloud.fault({
      operation: 'CreateToken',
      kind: 'status',
      status: 400,
      code: 'SlowDownException',
      times: 1,
    })
    await clock.advance(1_000)
    await until(() => cloud.calls('CreateToken') === 1 && clock.sleeping() === 1)
    await clock.advance(5_900)
    t.equal(cloud.calls('CreateToken'), 1, 'not before six seconds')
    cloud.approve(shown[0] ?? '')
    await clock.advance(200)
    await until(() => cloud.calls('CreateToken') === 2)
    t.equal((await done).type, 'aws-sso-token')
  })

  await t.test('refused, expired, cancelled', async (t) => {
    const daemon = await place(t)
    daemon.cloud.fault({
      operation: 'CreateToken',
      kind: 'status',
      status: 400,
      code: 'AccessDeniedException',
    })
    t.match(await login(daemon, 'dev-admin'), { type: 'failed', failure: { code: 'LoginRefused' } })
    daemon.cloud.clearFaults()
    daemon.cloud.fault({
      operation: 'CreateToken',
      kind: 'status',
      status: 400,
      code: 'ExpiredTokenException',
    })
    t.match(await login(daemon, 'dev-admin'), { type: 'failed', failure: { code: 'LoginExpired' } })
    daemon.cloud.clearFaults()
    daemon.cloud.fault({
      operation: 'CreateToken',
      kind: 'status',
      status: 400,
      code: 'AuthorizationPendingException',
    })
    const leave = new AbortController()
    const cancelled = login(daemon, 'dev-admin', ({ type }) => type === 'device-code' && leave.abort(), leave)
    t.match(await cancelled, { type: 'failed', failure: { code: 'LoginCancelled' } })
  })
})

t.test('aws/iam-identity-center, authorization code with PKCE', async (t) => {
  const flow = changed('      region: us-east-1\n', '      region: us-east-1\n      flow: code\n')

  await t.test('201: through the browser and back; the listener is gone afterwards', async (t) => {
    const daemon = await place(t, flow)
    let port = 0
    const last = await login(daemon, 'dev-admin', (event) => {
      if (event.type !== 'browser') return
      port = Number(new URL(new URL(event.address).searchParams.get('redirect_uri') ?? '').port)
      fetch(event.address).catch(() => {})
    })
    t.equal(last.type, 'done', JSON.stringify(last))
    t.equal(await isOpen(port), false)
    t.equal(daemon.cloud.calls('Authorize'), 1)
  })

  await t.test('a browser that says no, and one of another sign-in', async (t) => {
    const daemon = await place(t, flow)
    const come = (change: (url: URL) => void) =>
      login(daemon, 'dev-admin', (event) => {
        if (event.type !== 'browser') return
        const asked = new URL(event.address).searchParams
        const back = new URL(asked.get('redirect_uri') ?? '')
        back.searchParams.set('state', asked.get('state') ?? '')
        change(back)
        fetch(back).catch(() => {})
      })
    t.match(await come((back) => back.searchParams.set('error', 'access_denied')), {
      failure: { code: 'LoginRefused', message: /access_denied/ },
    })
    t.match(
      await come((back) => {
        back.searchParams.set('state', 'another')
        back.searchParams.set('code', 'stolen')
      }),
      { failure: { code: 'LoginRefused', message: /state of another/ } },
    )
    t.match(await come((back) => back.searchParams.set('code', 'made-up')), {
      failure: { code: 'LoginRequired' },
    })
    t.equal(daemon.cloud.calls('CreateToken'), 1, 'a code that came with another state is not even tried')
  })

  await t.test('the address', async (t) => {
    const request = {
      clientId: 'c',
      redirectUri: 'http://127.0.0.1:5/oauth/callback',
      state: 's',
      codeVerifier: 'v'.repeat(64),
    }
    const url = new URL(authorizeUrl({ region: 'eu-west-1', endpoint: undefined }, request))
    t.equal(url.origin + url.pathname, 'https://oidc.eu-west-1.amazonaws.com/authorize')
    t.match(Object.fromEntries(url.searchParams), {
      scopes: 'sso:account:access',
      code_challenge_method: 'S256',
      code_challenge: /^[\w-]{43}$/,
    })
  })
})

t.test('one portal session for all configurations of the portal', async (t) => {
  const daemon = await place(t)
  await login(daemon, 'dev-admin')
  const { mkdirSync, writeFileSync } = await import('node:fs')
  const other = `${daemon.workspace.directory}/other`
  mkdirSync(other)
  const text = exampleConfig(daemon.cloud.url)
    .replace('realm: sandbox', 'realm: other')
    .replaceAll('company-sso', 'sso')
    .replace('name: AdminAccess', 'name: ReadOnly')
  writeFileSync(`${other}/atmos.yaml`, text)
  const reply = await whoami(daemon.app.house, {
    workspace: { ...daemon.workspace, directory: other },
    identity: undefined,
  })
  t.match(reply, { realm: 'other', principal: /AWSReservedSSO_ReadOnly/ })
  t.equal(daemon.cloud.calls('StartDeviceAuthorization'), 1)
})

t.test('aws/permission-set', async (t) => {
  const accounts = ['one', 'two', 'development', 'twice', 'twice'].map((name, index) => ({
    id: String(index + 1).repeat(12),
    name,
    roles: ['AdminAccess'],
  }))
  const account = (text: string) => changed('account: { name: development }', `account: { ${text} }`)

  await t.test('by name, on whatever page it is', async (t) => {
    const daemon = await place(t, exampleConfig, { accounts, pageSize: 1 })
    await login(daemon, 'dev-admin')
    t.equal((await credential(daemon, 'dev-admin')).accountId, '333333333333')
    t.equal(daemon.cloud.calls('ListAccounts'), 5)
  })
  await t.test('by id, without a listing', async (t) => {
    const daemon = await place(t, account("id: '222222222222'"), { accounts })
    t.match(await login(daemon, 'dev-admin'), { type: 'done', session: { account: '222222222222' } })
    t.equal(daemon.cloud.calls('ListAccounts'), 0)
  })
  for (const [name, text, expected] of [
    [
      'an unknown name',
      'name: three',
      {
        code: 'AccessDenied',
        message: 'No account named "three" is assigned to you.',
        hint: 'You have: development, one, twice, twice, two.',
      },
    ],
    [
      'a name of two accounts',
      'name: twice',
      { code: 'AccessDenied', message: /^2 accounts are named "twice": 444444444444, 555555555555/ },
    ],
  ] as const) {
    await t.test(name, async (t) => {
      const daemon = await place(t, account(text), { accounts })
      t.match(await login(daemon, 'dev-admin'), { type: 'failed', failure: expected })
    })
  }
  await t.test('a permission set that is not assigned', async (t) => {
    const daemon = await place(t, changed('name: AdminAccess', 'name: Owner'))
    t.match(await login(daemon, 'dev-admin'), {
      failure: {
        code: 'AccessDenied',
        message: /credentials of Owner in 111111111111: ForbiddenException: No access/,
      },
    })
  })
})

t.test('aws/assume-role', async (t) => {
  const cases: [string, string, object | string][] = [
    [
      'a session name with what STS does not take',
      ROLE.replace('session_name: sandbox', 'session_name: "jo doe/ß"'),
      'arn:aws:sts::222222222222:assumed-role/ProductionAdmin/jo-doe--',
    ],
    [
      'a role with a path',
      ROLE.replace('role/', 'role/team/'),
      'arn:aws:sts::222222222222:assumed-role/ProductionAdmin/sandbox',
    ],
    [
      'the right external id',
      `${ROLE.replace('Production', 'External')}, external_id: let-me-in`,
      'arn:aws:sts::222222222222:assumed-role/ExternalAdmin/sandbox',
    ],
    [
      'a wrong external id',
      `${ROLE.replace('Production', 'External')}, external_id: please`,
      { code: 'AccessDenied', message: /not authorized to perform: sts:AssumeRole/ },
    ],
    ['a role that trusts somebody else', ROLE.replace('Production', 'Denied'), { code: 'AccessDenied' }],
    [
      'half an hour',
      `${ROLE}, duration: 30m`,
      'arn:aws:sts::222222222222:assumed-role/ProductionAdmin/sandbox',
    ],
  ]
  for (const [name, principal, expected] of cases) {
    const daemon = await place(t, changed(ROLE, principal))
    const last = await login(daemon, 'prod-admin')
    if (typeof expected === 'string') t.match(last, { type: 'done', session: { principal: expected } }, name)
    else t.match(last, { type: 'failed', failure: expected }, name)
    if (principal.includes('30m')) {
      const left = (await credential(daemon, 'prod-admin')).expiresAt - Date.now()
      t.ok(left > 1_790_000 && left <= 1_801_000, `${left} ms`)
    }
  }
  await t.test('a chained role for longer than an hour is refused before AWS is asked', async (t) => {
    const third = (url: string) => `${exampleConfig(url)}    third:
      kind: aws/assume-role
      via: { identity: prod-admin }
      principal: { assume_role: 'arn:aws:iam::333333333333:role/Third', duration: 2h }
`
    const daemon = await place(t, third)
    t.match(await login(daemon, 'third'), {
      failure: {
        code: 'ConfigInvalid',
        details: {
          problems: [{ message: /lasts 1h at most.*company-sso → dev-admin → prod-admin → third/ }],
        },
      },
    })
    t.equal(daemon.cloud.calls('AssumeRole'), 0)
  })
  await t.test('session.duration counts where principal.duration is not given', async (t) => {
    const session = '      session: { duration: 45m }\n      kind: aws/assume-role\n'
    const daemon = await place(t, changed('      kind: aws/assume-role\n', session))
    t.match(await login(daemon, 'prod-admin'), { type: 'done' })
    const left = (await credential(daemon, 'prod-admin')).expiresAt - Date.now()
    t.ok(left > 2_690_000 && left <= 2_701_000, `${left} ms`)
  })
  t.strictSame(
    ['a', 'a b', 'ok@x', 'y'.repeat(80)].map((name) => sessionName(name).length),
    [2, 3, 4, 64],
  )
})

t.test('aws/user', async (t) => {
  await t.test('a session of the user', async (t) => {
    const daemon = await place(t)
    t.match(await login(daemon, 'emergency'), {
      type: 'done',
      session: { principal: 'arn:aws:iam::111111111111:user/emergency', account: '111111111111' },
    })
    const { expiresAt } = await credential(daemon, 'emergency')
    t.ok(Math.abs(expiresAt - Date.now() - 43_200_000) < 5_000, 'for twelve hours')
  })
  await t.test('for as long as it says', async (t) => {
    const daemon = await place(
      t,
      changed('    emergency:\n', '    emergency:\n      session: { duration: 36h }\n'),
    )
    const { expiresAt } = await credential(daemon, 'emergency')
    t.ok(Math.abs(expiresAt - Date.now() - 129_600_000) < 5_000)
  })
  await t.test('wrong keys', async (t) => {
    const daemon = await place(t)
    daemon.workspace.environment.EMERGENCY_AWS_SECRET_ACCESS_KEY = 'wrong'
    t.match(await login(daemon, 'emergency'), {
      failure: {
        code: 'CredentialRejected',
        message: /SignatureDoesNotMatch/,
        hint: /new keys: `atmosctl user configure`/,
      },
    })
  })
  await t.test('a clock that is wrong is not taken for wrong keys', async (t) => {
    const ahead = await place(t, exampleConfig, { now: () => Date.now() + 3_600_000 })
    t.match(await login(ahead, 'emergency'), { type: 'done' }, 'the SDK goes by the date of the answer')
    const daemon = await place(t)
    const message = 'Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z'
    const fault = {
      operation: 'GetSessionToken',
      kind: 'status',
      status: 403,
      code: 'SignatureDoesNotMatch',
    } as const
    daemon.cloud.fault({ ...fault, message })
    t.match(await login(daemon, 'emergency'), {
      failure: { code: 'UpstreamInvalid', message: /clock of this machine is wrong/, hint: /Set the clock/ },
    })
  })
  await t.test('MFA is asked of a person, never in the background', async (t) => {
    const mfa = "      credentials:\n        mfa_arn: 'arn:aws:iam::111111111111:mfa/emergency'\n"
    const daemon = await place(t, changed('      credentials:\n', mfa))
    t.match(await failure(credential(daemon, 'emergency')), {
      code: 'LoginRequired',
      hint: /atmosctl login -i emergency/,
    })
    t.equal(daemon.cloud.calls('GetSessionToken'), 0)
    const answer = (code: string) => (event: LoginEvent) => {
      if (event.type === 'question') daemon.app.house.audiences.answer(event.question, code)
    }
    t.match(await login(daemon, 'emergency', answer('000000')), {
      failure: { code: 'AccessDenied', message: /MultiFactorAuthentication/, hint: /next one/ },
    })
    t.match(await login(daemon, 'emergency', answer('12 34')), {
      failure: { code: 'AccessDenied', message: 'An MFA code has six digits.', hint: /next one/ },
    })
    t.equal(daemon.cloud.calls('GetSessionToken'), 1, 'AWS is not sent what cannot be right')
    t.match(await login(daemon, 'emergency', answer(' 123456 ')), { type: 'done' })
    t.ok(lastStep(await chainOf(daemon, 'emergency')))
  })
  await t.test('MFA is asked once for all who wait, and holds for 36 hours', async (t) => {
    const mfa =
      "      session: { duration: 36h }\n      credentials:\n        mfa_arn: 'arn:aws:iam::111111111111:mfa/emergency'\n"
    const daemon = await place(t, changed('      credentials:\n', mfa))
    const asked: string[] = []
    const waiting = Array.from({ length: 5 }, () =>
      login(daemon, 'emergency', (event) => {
        if (event.type !== 'question') return
        asked.push(event.question)
        if (asked.length === 5) daemon.app.house.audiences.answer(event.question, '123456')
      }),
    )
    for (const last of await Promise.all(waiting)) t.match(last, { type: 'done' })
    t.equal(asked.length, 5, 'all are shown the question')
    t.equal(new Set(asked).size, 1, 'which is one and the same')
    t.equal(daemon.cloud.calls('GetSessionToken'), 1)
    const { expiresAt } = await credential(daemon, 'emergency')
    t.ok(Math.abs(expiresAt - Date.now() - 129_600_000) < 5_000)
  })
})

const OFFICE = (url: string) =>
  `${exampleConfig(url).replace('kind: aws/permission-set', 'tags: [team-a, prod]\n      kind: aws/permission-set')}    ci:
      kind: azure/subscription
      via: { provider: office }
      principal: { subscription_id: 00000000-0000-0000-0000-000000000001 }
  integrations:
    registry:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { registry: { account_id: '111111111111', region: us-east-1 } }
    everybody: { kind: aws/ecr-public, via: { provider: company-sso } }
`.replace(
    '  identities:\n',
    '    office: { kind: azure/interactive, tenant_id: contoso.com, default: true, tags: [ci] }\n  identities:\n',
  )

t.test('all that entries say is listed', async (t) => {
  const daemon = await place(t, OFFICE)
  t.match(await login(daemon, 'prod-admin'), { type: 'done' })
  const reply = await listWorkspace(daemon.app.house, { workspace: daemon.workspace })
  t.strictSame(reply.problems, [])
  t.match(reply.providers, [
    { name: 'company-sso', default: false, state: 'fresh' },
    { name: 'office', default: true, tags: ['ci'], state: 'none' },
  ])
  t.match(reply.identities[0], {
    name: 'dev-admin',
    default: true,
    tags: ['team-a', 'prod'],
    state: 'fresh',
  })
  t.strictSame(reply.integrations, [
    { name: 'registry', kind: 'aws/ecr', via: { identity: 'dev-admin' } },
    { name: 'everybody', kind: 'aws/ecr-public', via: { provider: 'company-sso' } },
  ])
})

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !holds() && Date.now() < end; ) await settle()
  if (!holds()) throw new Error('it did not come to that')
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.unref()
  })
}
