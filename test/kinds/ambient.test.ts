/** aws/ambient: what the client's shell has anyway, and nothing of this process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Context } from '../../daemon/kinds/contract.ts'
import ambient from '../../daemon/kinds/identities/aws/ambient.ts'
import { systemClock } from '../../daemon/system/clock.ts'
import { processProfile } from '../../daemon/upstream/aws-profile.ts'
import { instanceRequest } from '../../daemon/upstream/machine-credentials.ts'
import type { AwsCredential } from '../../shared/credential.ts'
import { type Cloud, startCloud } from '../cloud/cloud.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { CONTAINER_SECRET } from '../cloud/machine.ts'
import { USER } from '../cloud/state.ts'
import { failure } from '../helpers/failure.ts'

type Variables = Record<string, string>
type Assume = (config: unknown, parent: unknown, context: Context) => Promise<AwsCredential>

const KEYS = { AWS_ACCESS_KEY_ID: USER.accessKeyId, AWS_SECRET_ACCESS_KEY: USER.secretAccessKey }
const FILE_KEYS = `aws_access_key_id = ${USER.accessKeyId}\naws_secret_access_key=${USER.secretAccessKey}\n`
const NO_INSTANCE = { AWS_EC2_METADATA_DISABLED: 'true' }

t.before(() => {
  // Were the daemon's own environment looked at, every case would find these.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIADAEMONDAEMON', AWS_SECRET_ACCESS_KEY: 'the daemon’s' })
})

function found(cloud: Cloud, variables: Variables, clock = systemClock): Promise<AwsCredential> {
  const { assume } = ambient as unknown as { assume: Assume }
  const given: Variables = { ...NO_INSTANCE, ...variables }
  return assume({}, undefined, {
    clock,
    signal: new AbortController().signal,
    region: 'us-east-1',
    endpoint: () => cloud.url,
    variable: (name: string) => given[name],
  } as unknown as Context)
}

async function world(t: { teardown(work: () => unknown): void }) {
  const home = mkdtempSync(join(tmpdir(), 'atmosd-ambient-'))
  mkdirSync(join(home, '.aws'))
  const cloud = await startCloud()
  t.teardown(async () => {
    await cloud.close()
    rmSync(home, { recursive: true, force: true })
  })
  const write = (name: string, text: string) => {
    writeFileSync(join(home, name), text)
    return join(home, name)
  }
  return { cloud, home, write }
}

/** A session of the user, as some tool would leave it in variables. */
async function session(cloud: Cloud): Promise<Variables> {
  const { accessKeyId, secretAccessKey, sessionToken } = await found(cloud, KEYS)
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey.reveal(),
    AWS_SESSION_TOKEN: sessionToken.reveal(),
  }
}

t.test('keys of the environment', async (t) => {
  const { cloud } = await world(t)
  const twelveHours = await found(cloud, KEYS)
  t.not(twelveHours.accessKeyId, USER.accessKeyId, 'a user’s own keys stay in the daemon')
  t.ok(Math.abs(twelveHours.expiresAt - Date.now() - 43_200_000) < 5_000)
  const variables = await session(cloud)
  const given = await found(cloud, variables)
  t.equal(given.accessKeyId, variables.AWS_ACCESS_KEY_ID)
  t.equal(given.principal, USER.arn)
  t.ok(Math.abs(given.expiresAt - Date.now() - 900_000) < 5_000, 'with no end that is known, for a while')
  const end = Date.now() + 3_600_000
  const AWS_CREDENTIAL_EXPIRATION = new Date(end).toISOString()
  t.equal((await found(cloud, { ...variables, AWS_CREDENTIAL_EXPIRATION })).expiresAt, end)
  const past = { ...variables, AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z' }
  t.match(await failure(found(cloud, past)), { code: 'CredentialRejected', hint: /Renew them/ })
  cloud.withdraw(given.accessKeyId)
  t.match(await failure(found(cloud, variables)), { code: 'CredentialRejected', hint: /new ones/ })
  t.match(await failure(found(cloud, { ...KEYS, AWS_SECRET_ACCESS_KEY: 'wrong' })), {
    code: 'CredentialRejected',
  })
})

t.test('profiles of the files', async (t) => {
  const { cloud, home, write } = await world(t)
  write('.aws/credentials', `[default]\n${FILE_KEYS}[ team ]\n${FILE_KEYS}`)
  write('.aws/config', '[profile sso]\nsso_session = company\n[profile region]\nregion = eu-west-1\n')
  const accounts = async (variables: Variables) => (await found(cloud, variables)).type
  t.equal(await accounts({ HOME: home }), 'aws', 'the default one')
  t.equal(await accounts({ HOME: home, AWS_PROFILE: 'team' }), 'aws')
  const elsewhere = write('keys', `[only]\n${FILE_KEYS}`)
  t.equal(await accounts({ AWS_SHARED_CREDENTIALS_FILE: elsewhere, AWS_PROFILE: 'only' }), 'aws')
  const chosen = {
    HOME: home,
    AWS_PROFILE: 'team',
    AWS_ACCESS_KEY_ID: 'AKIAOTHEROTHEROTHER',
    AWS_SECRET_ACCESS_KEY: 'x',
  }
  t.equal(await accounts(chosen), 'aws', 'AWS_PROFILE wins over keys, as in the SDKs')
  for (const [variables, expected] of [
    [
      { HOME: home, AWS_PROFILE: 'absent' },
      { code: 'EnvironmentMissing', message: /no AWS profile "absent"/ },
    ],
    [
      { HOME: home, AWS_PROFILE: 'sso' },
      { code: 'ConfigInvalid', message: /sso_session/, hint: /identity-center/ },
    ],
    [
      { HOME: home, AWS_PROFILE: 'region' },
      { code: 'ConfigInvalid', message: /has no keys/ },
    ],
    [{ AWS_SHARED_CREDENTIALS_FILE: '.aws/credentials' }, { code: 'ConfigInvalid', message: /relative/ }],
  ] as const)
    t.match(await failure(found(cloud, variables)), expected)
})

t.test('how a profile is written', async (t) => {
  const credentials = '[a]\naws_access_key_id=AKIA1\naws_secret_access_key = s=e/c+r#et  # mine\n[b]\n'
  const profile = (config: string, name: string) => processProfile({ credentials, config }, name)
  t.match(profile('', 'a'), { accessKeyId: 'AKIA1' })
  t.equal(profile('', 'a')?.secretAccessKey.reveal(), 's=e/c+r#et')
  t.match(profile('[profile "c d"]\r\nAWS_ACCESS_KEY_ID = AKIA2\r\naws_secret_access_key = s\r\n', 'c d'), {
    accessKeyId: 'AKIA2',
  })
  t.equal(profile('[default]\nregion = x\ns3 =\n  aws_access_key_id = no\n', 'default'), undefined)
  const saml = 'aws_session_token = t\nx_security_token_expires = 2030-01-02T03:04:05+01:00\n'
  t.match(profile(`[profile s]\naws_access_key_id = ASIA\naws_secret_access_key = s\n${saml}`, 's'), {
    expiresAt: Date.UTC(2030, 0, 2, 2, 4, 5),
  })
  for (const way of [
    'role_arn = arn:aws:iam::111111111111:role/R\nsource_profile = a',
    'credential_process = /bin/keys',
    'sso_start_url = https://a.b',
    'login_session = x',
    'web_identity_token_file = /f',
  ])
    t.throws(() => profile(`[profile p]\n${way}\n`, 'p'), {
      code: 'ConfigInvalid',
      message: new RegExp(way.split(' ')[0] ?? ''),
      hint: /\w/,
    })
  const byRole = '[profile a]\nrole_arn = arn:aws:iam::111111111111:role/R\nsource_profile = a\n'
  t.throws(() => profile(byRole, 'a'), { code: 'ConfigInvalid', message: /role_arn/ }, 'a role before keys')
  t.match(profile('[profile a]\nsso_session = s\n', 'a'), { accessKeyId: 'AKIA1' }, 'keys before the rest')
  t.equal(profile('', '__proto__'), undefined)
})

t.test('a pod’s web identity, its container’s endpoint, an instance’s role', async (t) => {
  const { cloud, home, write } = await world(t)
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sts.amazonaws.com',
    sub: 'repo:acme/infra:x',
  }
  const jwt = (seconds: number) => signedJwt({ ...claims, exp: Date.now() / 1000 + seconds })
  const pod = {
    AWS_ROLE_ARN: 'arn:aws:iam::222222222222:role/Pod',
    AWS_WEB_IDENTITY_TOKEN_FILE: write('token', `${jwt(60)}\n`),
    AWS_ROLE_SESSION_NAME: 'pod',
  }
  t.match(await found(cloud, pod), { principal: 'arn:aws:sts::222222222222:assumed-role/Pod/pod' })
  write('token', jwt(-1))
  t.match(await failure(found(cloud, pod)), { code: 'CredentialRejected' }, 'the file is read anew')
  t.match(await failure(found(cloud, { ...pod, AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'gone') })), {
    code: 'EnvironmentMissing',
    message: /is not there/,
  })

  const AWS_CONTAINER_CREDENTIALS_FULL_URI = `${cloud.url}/container`
  const container = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: CONTAINER_SECRET,
  }
  t.match(await found(cloud, container), { accountId: '222222222222' })
  const byFile = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: write('secret', `${CONTAINER_SECRET}\n`),
  }
  t.match(await found(cloud, byFile), { type: 'aws' })
  t.match(await failure(found(cloud, { AWS_CONTAINER_CREDENTIALS_FULL_URI })), {
    code: 'AccessDenied',
    message: /403/,
  })
  t.match(await failure(found(cloud, { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://192.0.2.1/x' })), {
    code: 'ConfigInvalid',
    message: /not safe/,
  })
  cloud.fault({ operation: 'ContainerCredentials', kind: 'empty' })
  t.match(await failure(found(cloud, container)), { code: 'UpstreamUnavailable', message: /nothing usable/ })

  const signal = new AbortController().signal
  t.match(await instanceRequest({ url: cloud.url, clock: systemClock, signal }), { type: 'aws' })
  t.equal(cloud.calls('InstanceMetadata'), 3)
  // Not loopback by its name, yet this machine: as near to 169.254.169.254 as a test comes.
  const near = { AWS_EC2_METADATA_SERVICE_ENDPOINT: cloud.url.replace('127.0.0.1', '0.0.0.0') }
  const enabled = { ...near, AWS_EC2_METADATA_DISABLED: 'false' }
  t.match(await found(cloud, enabled), { type: 'aws', accountId: undefined })
  cloud.resetCalls()
  t.match(await failure(found(cloud, near)), { code: 'EnvironmentMissing' })
  t.equal(cloud.calls(), 0, 'a metadata service that is switched off is not asked')
  const nobody = await startCloud()
  await nobody.close()
  t.equal(await instanceRequest({ url: nobody.url, clock: systemClock, signal }), undefined)
})

t.test('a metadata service in trouble is not taken for an absent one', async (t) => {
  const { cloud } = await world(t)
  const signal = new AbortController().signal
  const ask = (url = cloud.url) => instanceRequest({ url, clock: systemClock, signal })
  for (const [status, code] of [
    [503, 'UpstreamUnavailable'],
    [429, 'UpstreamThrottled'],
  ] as const) {
    cloud.fault({ operation: 'InstanceMetadata', kind: 'status', status, times: 1 })
    t.match(await failure(ask()), { code, message: new RegExp(`answered ${status}`) })
  }
  cloud.fault({ operation: 'InstanceMetadata', kind: 'status', status: 403, times: 1 })
  t.equal(await ask(), undefined, 'one that is switched off is none')
  for (const address of ['169.254.169.254', '127.0.0.1:1338', 'metadata:80', 'http://me:it@a.example']) {
    const enabled = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: address }
    const refused = await failure(found(cloud, enabled))
    t.match(refused, { code: 'ConfigInvalid', message: /metadata/i, hint: /./ }, address)
  }
})

t.test('never itself, and never the daemon’s own', async (t) => {
  const { cloud } = await world(t)
  for (const variables of [
    {},
    { AWS_ACCESS_KEY_ID: USER.accessKeyId },
    {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/aws/a-grant_of-ours',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'x',
    },
    { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: cloud.url },
    {
      AWS_EC2_METADATA_DISABLED: 'TRUE',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  ] as Variables[])
    t.match(await failure(found(cloud, variables)), {
      code: 'EnvironmentMissing',
      message: 'This shell has no AWS credentials, nor has the machine.',
      hint: /AWS_PROFILE/,
    })
  t.equal(cloud.calls(), 0)
})
