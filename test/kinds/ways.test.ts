/** Ways into AWS without a browser, each against the sandbox cloud over real HTTP. */

import t from 'tap'
import { lastStep } from '../../daemon/graph/chain.ts'
import type { Context } from '../../daemon/kinds/contract.ts'
import assumeRole from '../../daemon/kinds/identities/aws/assume-role.ts'
import assumeRoot from '../../daemon/kinds/identities/aws/assume-root.ts'
import { systemClock } from '../../daemon/system/clock.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import { stsClient } from '../../daemon/upstream/sts.ts'
import type { AwsCredential, SamlAssertion } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'
import { startCloud } from '../cloud/cloud.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { AUDIENCE, IDP, type Said, samlResponse } from '../cloud/saml.ts'
import { USER } from '../cloud/state.ts'
import { metadataOf } from '../helpers/asking.ts'
import { manualClock } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'
import { ATMOSCTL, testHome } from '../helpers/house.ts'
import { chainOf, credential, login } from '../helpers/identities.ts'
import { raw } from '../helpers/raw.ts'
import { type Running, type RunningOptions, running } from '../helpers/running.ts'
import { filesIn, leaks } from '../helpers/secrets.ts'

type Test = Pick<typeof t, 'teardown'>
const ROLE = 'arn:aws:iam::222222222222:role/Deploy'
const JOB_NAMES = ['GITHUB_ACTIONS', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']

async function place(t: Test, config: (url: string) => string, more: RunningOptions = {}): Promise<Running> {
  const daemon = await running({ config, ...more })
  t.teardown(() => daemon.stop())
  return daemon
}

const CI = (url: string, spec = '', role = ROLE) => `auth:
  realm: ci
  keyring: { type: memory }
  providers:
    github: { kind: github/oidc, region: eu-west-1, spec: { endpoint_url: '${url}'${spec} } }
  identities:
    ci: { kind: aws/assume-role, default: true, via: { provider: github }, principal: { assume_role: '${role}' } }
    deeper: { kind: aws/assume-role, via: { identity: ci }, principal: { assume_role: 'arn:aws:iam::333333333333:role/Audit', session_name: audit } }
`

async function job(t: Test, config: (url: string) => string = CI, more: RunningOptions = {}) {
  const daemon = await place(t, config, more)
  daemon.workspace.environment = daemon.cloud.startJob()
  return daemon
}

t.test('github/oidc and a role', async (t) => {
  await t.test('a role by the job’s token, and a role after it, with nobody asked', async (t) => {
    const daemon = await job(t)
    const { principal, accountId } = await credential(daemon, 'ci')
    t.strictSame(
      [principal, accountId],
      ['arn:aws:sts::222222222222:assumed-role/Deploy/atmosd', '222222222222'],
    )
    t.match(await credential(daemon, 'deeper'), {
      principal: 'arn:aws:sts::333333333333:assumed-role/Audit/audit',
    })
    t.equal(daemon.cloud.calls('IdToken'), 1, 'one token for both')
    t.match(await login(daemon, 'ci'), { type: 'done', session: { provider: 'github', region: 'eu-west-1' } })
  })

  await t.test('the daemon asks for the names that the kind reads, and for no others', async (t) => {
    const daemon = await job(t)
    daemon.workspace.environment = {}
    const asked = await failure(daemon.app.house.workspaces.sound(daemon.workspace))
    t.match(asked, { code: 'EnvironmentNeeded', details: { names: JOB_NAMES } })
  })

  await t.test('242: what is missing is said', async (t) => {
    const daemon = await job(t)
    const given = daemon.workspace.environment
    const nothing = Object.fromEntries(JOB_NAMES.map((name) => [name, null]))
    for (const [environment, expected] of [
      [
        nothing,
        { message: /No job of GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL is not set/, hint: /a person/ },
      ],
      [
        { ...nothing, GITHUB_ACTIONS: 'true' },
        { message: /No token for this job: .*_URL is not set/, hint: /id-token: write/ },
      ],
      [
        { ...given, ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
        { message: /No token for this job: .*_TOKEN is not set/, hint: /id-token: write/ },
      ],
    ] as const) {
      daemon.workspace.environment = environment
      t.match(await failure(credential(daemon, 'ci')), { code: 'EnvironmentMissing', ...expected })
    }
    t.equal(daemon.cloud.calls(), 0)
  })

  await t.test('a session is its job’s: another job has another', async (t) => {
    const daemon = await job(t)
    const first = await credential(daemon, 'ci')
    const key = lastStep(await chainOf(daemon, 'ci')).key
    t.equal((await credential(daemon, 'ci')).accessKeyId, first.accessKeyId)
    daemon.workspace.environment = daemon.cloud.startJob('fork')
    t.not(lastStep(await chainOf(daemon, 'ci')).key, key)
    t.match(await failure(credential(daemon, 'ci')), {
      code: 'AccessDenied',
      message: /Not authorized to perform sts:AssumeRoleWithWebIdentity/,
      hint: /`sub`/,
    })
  })

  await t.test('the job’s permission and its end', async (t) => {
    const daemon = await job(t)
    daemon.cloud.jobs({ mayAsk: false })
    t.match(await failure(credential(daemon, 'ci')), { code: 'AccessDenied', hint: /id-token: write/ })
    daemon.cloud.jobs({ mayAsk: true })
    t.equal((await login(daemon, 'ci')).type, 'done')
    const held = await credential(daemon, 'ci')
    daemon.cloud.jobs({ running: false })
    const { broker } = daemon.app.house
    const chain = await chainOf(daemon, 'ci')
    const github = { ...chain, steps: chain.steps.slice(0, 1) }
    t.match(await failure(broker.renew(github)), { code: 'CredentialRejected', hint: /job has ended/ })
    t.equal((await credential(daemon, 'ci')).accessKeyId, held.accessKeyId, 'what is held stays good')
  })

  await t.test('what AWS does not take', async (t) => {
    const bad = async (spec: string, role = ROLE) => {
      const daemon = await job(t, (url) => CI(url, spec, role))
      return failure(credential(daemon, 'ci'))
    }
    t.match(await bad(", audience: 'https://else.example'"), {
      code: 'UpstreamInvalid',
      message: /InvalidIdentityToken.*Incorrect token audience/,
      hint: /list https:\/\/else\.example.*spec\.audience/,
    })
    t.match(await bad('', ROLE.replace('Deploy', 'DeniedDeploy')), { code: 'AccessDenied' })
  })

  await t.test('a token that is over is asked for anew; throttling and outages pass', async (t) => {
    const daemon = await job(t)
    daemon.cloud.fault({
      operation: 'AssumeRoleWithWebIdentity',
      kind: 'status',
      status: 400,
      code: 'ExpiredTokenException',
      times: 1,
    })
    t.match(await credential(daemon, 'ci'), { accountId: '222222222222' })
    t.equal(daemon.cloud.calls('IdToken'), 2)
    const throttled = await job(t)
    throttled.cloud.fault({
      operation: 'AssumeRoleWithWebIdentity',
      kind: 'status',
      status: 400,
      code: 'Throttling',
    })
    t.match(await failure(credential(throttled, 'ci')), { code: 'UpstreamThrottled' })
    throttled.cloud.clearFaults()
    throttled.cloud.fault({ operation: 'IdToken', kind: 'status', status: 502, times: 2 })
    t.match(await login(throttled, 'ci'), { type: 'done' })
  })

  await t.test('STS checks issuer, signature and time', async (t) => {
    const daemon = await job(t)
    const { assume } = assumeRole as unknown as { assume: Assume }
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'sts.amazonaws.com',
      sub: 'repo:acme/infra:ref:refs/heads/main',
      exp: now + 60,
    }
    const good = signedJwt(claims)
    const [head, body] = good.split('.')
    const attempt = (token: string) => assume(ROLE_CONFIG, oidc(token), contextAt(daemon.cloud.url))
    t.match(await attempt(good), { type: 'aws' })
    t.match(await failure(attempt(signedJwt({ ...claims, iss: 'https://evil.example' }))), {
      code: 'UpstreamInvalid',
    })
    t.match(await failure(attempt(`${head}.${body}.${'A'.repeat(342)}`)), { code: 'UpstreamInvalid' })
    t.match(await failure(attempt(signedJwt({ ...claims, exp: now - 1 }))), {
      code: 'CredentialRejected',
      message: /Token expired/,
    })
  })
})

type Assume = (config: unknown, parent: unknown, context: Context) => Promise<AwsCredential>
const ROLE_CONFIG = { principal: { assume_role: ROLE } }

function oidc(token: string) {
  return { type: 'oidc-token', token: new Secret(token), audience: 'sts.amazonaws.com', expiresAt: 0 }
}

function contextAt(url: string, variables: Record<string, string> = {}): Context {
  return {
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    region: 'us-east-1',
    endpoint: () => url,
    variable: (name: string) => variables[name],
  } as unknown as Context
}

t.test('aws/assume-role after an assertion', async (t) => {
  const cloud = await startCloud()
  t.teardown(() => cloud.close())
  const { assume } = assumeRole as unknown as { assume: Assume }
  const other = 'arn:aws:iam::222222222222:role/DeployEverything'
  const said: Said = {
    person: 'jo@example.com',
    roles: [`${other},${IDP}`, `${ROLE},${IDP}`],
    audience: AUDIENCE,
    notOnOrAfter: Date.now() + 300_000,
  }
  const attempt = (change: Partial<Said>, twist = (text: string) => text, config: unknown = ROLE_CONFIG) => {
    const assertion = new Secret(twist(samlResponse({ ...said, ...change })))
    const parent: SamlAssertion = { type: 'saml-assertion', assertion, expiresAt: said.notOnOrAfter }
    return assume(config, parent, contextAt(cloud.url))
  }
  const given = await attempt({})
  t.match(given, { principal: 'arn:aws:sts::222222222222:assumed-role/Deploy/jo@example.com' })
  t.equal(cloud.calls('AssumeRole'), 0, 'the role is assumed once, not twice')
  t.match(await attempt({ roles: [`${IDP}, ${ROLE}`, `${ROLE},${IDP}`] }), { type: 'aws' }, 'in either order')
  const halfHour = await attempt({}, undefined, { principal: { assume_role: ROLE, duration: 1_800 } })
  t.ok(Math.abs(halfHour.expiresAt - Date.now() - 1_800_000) < 5_000)
  cloud.resetCalls()
  t.match(await failure(attempt({ roles: [`${other},${IDP}`] })), {
    code: 'AccessDenied',
    message: `The identity provider does not offer you ${ROLE}.`,
    hint: `It offers ${other}.`,
  })
  t.match(await failure(attempt({ roles: [] })), { code: 'AccessDenied', hint: /no role of AWS/ })
  t.match(await failure(attempt({}, () => '')), { code: 'AccessDenied' })
  t.equal(cloud.calls(), 0, 'another role is never taken in its place, and AWS is not asked')
  t.match(await failure(attempt({ notOnOrAfter: Date.now() - 1 })), { code: 'CredentialRejected' })
  t.match(await failure(attempt({ audience: 'https://else.example' })), { code: 'UpstreamInvalid' })
  const twisted = (text: string) =>
    Buffer.from(Buffer.from(text, 'base64').toString().replace('jo@', 'eve@')).toString('base64')
  t.match(await failure(attempt({}, twisted)), { code: 'UpstreamInvalid', message: /signature invalid/ })
  const denied = ROLE.replace('Deploy', 'DeniedDeploy')
  t.match(
    await failure(
      attempt({ roles: [`${denied},${IDP}`] }, undefined, { principal: { assume_role: denied } }),
    ),
    { code: 'AccessDenied', hint: /AssumeRoleWithSAML/ },
  )
})

const TASK = 'arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy'
const ROOT = (url: string) => `auth:
  realm: root
  keyring: { type: memory }
  providers:
    github: { kind: github/oidc, spec: { endpoint_url: '${url}' } }
  identities:
    management: { kind: aws/assume-role, via: { provider: github }, principal: { assume_role: 'arn:aws:iam::111111111111:role/Organisation' } }
    member: { kind: aws/assume-role, via: { provider: github }, principal: { assume_role: '${ROLE}' } }
    emergency: { kind: aws/user, credentials: { access_key_id: !env EMERGENCY_AWS_ACCESS_KEY_ID, secret_access_key: !env EMERGENCY_AWS_SECRET_ACCESS_KEY }, spec: { endpoint_url: '${url}' } }
    root: { kind: aws/assume-root, via: { identity: management }, principal: { target_principal: 333333333333, task_policy_arn: ${TASK} } }
    brief: { kind: aws/assume-root, via: { identity: management }, principal: { target_principal: '333333333333', task_policy_arn: ${TASK}, duration: 5m } }
    strange: { kind: aws/assume-root, via: { identity: management }, principal: { target_principal: '999999999999', task_policy_arn: ${TASK} } }
    from-member: { kind: aws/assume-root, via: { identity: member }, principal: { target_principal: '333333333333', task_policy_arn: ${TASK} } }
    from-user: { kind: aws/assume-root, via: { identity: emergency }, principal: { target_principal: '333333333333', task_policy_arn: ${TASK} } }
    nowhere: { kind: aws/assume-root, via: { identity: management }, principal: { target_principal: '333333333333', task_policy_arn: ${TASK} }, spec: { endpoints: { sts: 'https://sts.amazonaws.com' } } }
`

async function rooted(t: Test, more: RunningOptions = {}) {
  const daemon = await place(t, ROOT, more)
  Object.assign(daemon.workspace.environment, daemon.cloud.startJob())
  return daemon
}

t.test('aws/assume-root', async (t) => {
  await t.test('213: a quarter of an hour, or less', async (t) => {
    const daemon = await rooted(t)
    t.match(await login(daemon, 'root'), {
      type: 'done',
      session: { account: '333333333333', principal: 'arn:aws:sts::333333333333:assumed-root' },
    })
    const left = async (name: string) => (await credential(daemon, name)).expiresAt - Date.now()
    t.ok(Math.abs((await left('root')) - 900_000) < 5_000)
    t.ok(Math.abs((await left('brief')) - 300_000) < 5_000)
  })
  await t.test('213: one of five tasks, for a second to a quarter of an hour', async (t) => {
    const taken = (more: object) =>
      assumeRoot.config.safeParse({
        principal: { target_principal: '333333333333', task_policy_arn: TASK, ...more },
      }).success
    const policy = (name: string) => ({ task_policy_arn: `arn:aws:iam::aws:policy/root-task/${name}` })
    const tasks = [
      'IAMAuditRootUserCredentials',
      'IAMCreateRootUserPassword',
      'IAMDeleteRootUserCredentials',
      'S3UnlockBucketPolicy',
      'SQSUnlockQueuePolicy',
    ]
    for (const name of tasks) t.ok(taken(policy(name)), name)
    for (const name of ['AdministratorAccess', 'S3UnlockBucketPolicy/x', ''])
      t.notOk(taken(policy(name)), name)
    for (const duration of ['1s', '15m']) t.ok(taken({ duration }), duration)
    for (const duration of ['0s', '901s', '1h']) t.notOk(taken({ duration }), duration)
  })
  await t.test('214: what tools would use beyond its end is on no metadata service', async (t) => {
    const daemon = await rooted(t)
    await t.rejects(metadataOf(daemon, 'root'), { code: 'BadRequest', message: /too short-lived for IMDS/ })
    t.equal((await daemon.grant('root')).token.length, 43, 'but at the container endpoint')
  })
  await t.test('those who cannot do it are told what it takes', async (t) => {
    const daemon = await rooted(t)
    for (const name of ['strange', 'from-member', 'from-user'])
      t.match(
        await failure(credential(daemon, name)),
        {
          code: 'AccessDenied',
          message: /assume the root of \d{12}.*sts:AssumeRoot/,
          hint: /management account.*allowed S3UnlockBucketPolicy/,
        },
        name,
      )
    daemon.cloud.resetCalls()
    t.match(await failure(credential(daemon, 'nowhere')), { code: 'ConfigInvalid', hint: /region decides/ })
    t.equal(daemon.cloud.calls('AssumeRoot'), 0)
  })
  await t.test('213: the address is the region’s, never the global one', async (t) => {
    const at = {
      region: 'us-east-1',
      endpoint: undefined,
      keys: { accessKeyId: 'AKIA', secretAccessKey: new Secret('x') },
      signal: new AbortController().signal,
    }
    const client = stsClient(at)
    const { url } = client.config.endpointProvider({
      Region: await client.config.region(),
      UseGlobalEndpoint: client.config.useGlobalEndpoint as boolean,
    })
    t.equal(url.hostname, 'sts.us-east-1.amazonaws.com')
  })
})

t.test(
  '55: a thousand signings in the last ten minutes of a root’s session, three calls at most',
  async (t) => {
    const clock = manualClock(Date.now() - 8 * 60_000)
    const daemon = await rooted(t, { clock, cloud: { now: clock.now } })
    const { path, token } = await daemon.grant('root')
    const ask = () =>
      raw(
        daemon.port,
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: ${token}\r\n\r\n`,
        10_000,
      )
    t.equal(daemon.cloud.calls('AssumeRoot'), 1)
    await clock.advance(5 * 60_000)
    const started = clock.now()
    const answers: { status: number; left: number }[] = []
    for (let turn = 0; turn < 100; turn++) {
      const given = await Promise.all(Array.from({ length: 10 }, ask))
      for (const { status, body } of given)
        answers.push({ status, left: Date.parse(JSON.parse(body).Expiration) - clock.now() })
      await clock.advance(6_000)
    }
    t.equal(clock.now() - started, 10 * 60_000)
    t.strictSame([...new Set(answers.map(({ status }) => status))], [200])
    t.equal(answers.length, 1_000)
    t.ok(
      answers.every(({ left }) => left > 5 * 60_000),
      'with more than the five minutes that the SDKs want',
    )
    const calls = daemon.cloud.calls('AssumeRoot')
    t.ok(calls >= 2 && calls <= 3, `${calls} calls in a quarter of an hour`)
  },
)

const AMBIENT = (url: string) => `auth:
  realm: ambient
  keyring: { type: memory }
  identities:
    here: { kind: aws/ambient, default: true, spec: { endpoint_url: '${url}' } }
    there: { kind: aws/assume-role, via: { identity: here }, principal: { assume_role: '${ROLE}' } }
`

t.test('the client’s own shell, by the command line', async (t) => {
  const cloud = await startCloud()
  const home = testHome()
  t.teardown(async () => {
    await home.remove()
    await cloud.close()
  })
  const whoami = async (identity: string, env: Record<string, string>) => {
    const { stdout, stderr } = await home.atmosctl(['whoami', '-i', identity, '-f', 'json'], { env })
    return { ...(JSON.parse(stdout || '{}') as Record<string, unknown>), stderr }
  }
  home.config(CI(cloud.url))
  const job = cloud.startJob()
  t.match(await whoami('deeper', job), { principal: 'arn:aws:sts::333333333333:assumed-role/Audit/audit' })
  t.match(await whoami('ci', {}), { valid: undefined, stderr: /No job of GitHub Actions/ })

  home.config(AMBIENT(cloud.url))
  const keys = { AWS_ACCESS_KEY_ID: USER.accessKeyId, AWS_SECRET_ACCESS_KEY: USER.secretAccessKey }
  t.match(await whoami('here', keys), { principal: USER.arn })
  t.match(await whoami('there', keys), { principal: 'arn:aws:sts::222222222222:assumed-role/Deploy/atmosd' })
  const none = { AWS_EC2_METADATA_DISABLED: 'true' }
  t.match(await whoami('here', none), { stderr: /no AWS credentials/ }, 'another shell has another session')
  const nested = ['exec', '-i', 'there', '--', process.execPath, ATMOSCTL, 'whoami', '-i', 'here']
  const { stderr, code } = await home.atmosctl(nested, { env: keys })
  t.match(stderr, /no AWS credentials/, 'inside a tool’s environment it does not ask itself')
  t.not(code, 0)

  const files = filesIn(home.path)
  t.ok(files.some(([path]) => path.endsWith('daemon.log')))
  const secrets = cloud.secrets()
  t.ok(secrets.includes(job.ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? ''))
  t.strictSame(leaks(files, secrets), [])
})
