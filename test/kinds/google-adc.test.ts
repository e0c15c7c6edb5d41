/** gcp/adc: each kind of file that Google's tools leave, from the place where the asking shell has it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { whoami } from '../../daemon/operations/whoami.ts'
import { addAccount, CLOUD_PLATFORM, EMAIL_SCOPE, keyFile, signInFile } from '../cloud/google-state.ts'
import { failure } from '../helpers/failure.ts'
import {
  AUDIENCE,
  DEVELOPER,
  googlePlace,
  idTokenFor,
  known,
  signedInPlace,
  TERRAFORM,
  tokenFor,
} from '../helpers/google.ts'
import { chainOf, login } from '../helpers/identities.ts'
import type { Running } from '../helpers/running.ts'

const DRIVE = 'https://www.googleapis.com/auth/drive'
const ROBOT = 'robot@my-project.iam.gserviceaccount.com'
const IMPERSONATE = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${TERRAFORM}:generateAccessToken`

t.before(() => {
  // Were the daemon's own environment looked at, every case would find these.
  Object.assign(process.env, {
    GOOGLE_APPLICATION_CREDENTIALS: '/the/daemons/own.json',
    GOOGLE_CLOUD_QUOTA_PROJECT: 'the-daemons',
    HTTPS_PROXY: 'http://127.0.0.1:1',
    HTTP_PROXY: 'http://127.0.0.1:1',
  })
})

/** Whether Google itself would take an identity token for the audience, and what it says. */
async function verified({ cloud }: Running, token: string, audience = AUDIENCE) {
  const keys = createRemoteJWKSet(new URL(`${cloud.url}/oauth2/v3/certs`))
  const { payload } = await jwtVerify(token, keys, { issuer: 'https://accounts.google.com', audience })
  return payload
}

t.test('a person’s sign-in of gcloud', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  t.match(await login(shell, 'me'), { type: 'done' }, 'nobody is asked')
  const token = await tokenFor(shell, 'me')
  t.match(token, { principal: DEVELOPER, quotaProject: 'my-project' })
  t.match(known(shell, token), { principal: DEVELOPER, scopes: [CLOUD_PLATFORM, EMAIL_SCOPE] })
  t.ok(Math.abs(token.expiresAt - Date.now() - 3_599_000) < 5_000)
  t.equal(place.daemon.cloud.calls('GoogleToken'), 1, 'the project hands its parent’s token on')
  t.match(await whoami(shell.app.house, { workspace: shell.workspace, identity: 'me' }), {
    valid: true,
    principal: DEVELOPER,
    project: 'production-project',
    region: 'us-central1',
    chain: ['adc', 'me'],
  })
  t.match(await failure(idTokenFor(shell, 'me')), {
    code: 'BadRequest',
    message: /no identity token/,
    hint: /gcp\/service-account/,
  })
})

t.test('who signed in is told where Google tells it, and is no reason to fail', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  for (const kind of ['status', 'garbage', 'reset', 'empty'] as const)
    place.daemon.cloud.fault({ operation: 'GoogleTokenInfo', kind, times: 1 })
  for (const scope of ['a', 'b', 'c', 'd']) {
    place.signIn(signInFile(place.daemon.cloud.google, DEVELOPER, { scopes: [CLOUD_PLATFORM, scope] }))
    t.equal((await tokenFor(shell, 'me', { scopes: [scope] })).principal, undefined)
  }
  place.signIn({ ...signInFile(place.daemon.cloud.google, DEVELOPER), account: 'told@example.com' })
  t.equal((await tokenFor(shell, 'me')).principal, 'told@example.com', 'the file may tell it')
  t.equal(place.daemon.cloud.calls('GoogleTokenInfo'), 4)
})

t.test('the file is read anew at every renewal', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  t.equal((await tokenFor(shell, 'me')).principal, DEVELOPER)
  place.signIn(signInFile(place.daemon.cloud.google, 'other@example.com'))
  const { steps, ...rest } = await chainOf(shell, 'me')
  const { credential } = await shell.app.house.broker.renew({ ...rest, steps: steps.slice(0, 1) })
  t.match(credential, { principal: 'other@example.com' })
})

t.test('scopes narrow a sign-in, and are no more than it agreed to', async (t) => {
  const place = await googlePlace(t)
  const { google } = place.daemon.cloud
  const shell = place.shell()
  place.signIn(signInFile(google, DEVELOPER, { scopes: [CLOUD_PLATFORM, EMAIL_SCOPE, DRIVE] }))
  t.strictSame(known(shell, await tokenFor(shell, 'drive'))?.scopes, [DRIVE], 'those of the configuration')
  const wanted = await tokenFor(shell, 'me', { scopes: [EMAIL_SCOPE] })
  t.strictSame(known(shell, wanted)?.scopes, [EMAIL_SCOPE], 'those that a tool wants')
  const both = await tokenFor(shell, 'drive', { scopes: [EMAIL_SCOPE] })
  t.strictSame(known(shell, both)?.scopes, [EMAIL_SCOPE], 'the tool’s before the configuration’s')
  t.strictSame(known(shell, await tokenFor(shell, 'me'))?.scopes, [CLOUD_PLATFORM, EMAIL_SCOPE, DRIVE])
  t.match(await failure(tokenFor(shell, 'me', { scopes: ['https://a.example/more'] })), {
    code: 'AccessDenied',
    message: /invalid_scope/,
    hint: 'Run `gcloud auth application-default login --scopes=https://a.example/more`.',
  })
})

t.test('a sign-in that is over says which command renews it', async (t) => {
  const place = await googlePlace(t)
  const shell = place.shell()
  const { google } = place.daemon.cloud
  const command = { code: 'LoginRequired', hint: 'Run `gcloud auth application-default login`.' }
  place.signIn(signInFile(google, DEVELOPER, { needsReauth: true }))
  t.match(await failure(tokenFor(shell, 'me')), { ...command, message: /sign in again.*invalid_rapt/ })
  t.match(await login(shell, 'me'), { type: 'failed', failure: command }, 'the same from login')
  place.signIn({ ...signInFile(google, DEVELOPER), refresh_token: 'revoked' })
  t.match(await login(shell, 'me'), { type: 'failed', failure: command })
  place.signIn({ ...signInFile(google, DEVELOPER), client_secret: 'wrong' })
  t.match(await login(shell, 'me'), { type: 'failed', failure: command })
  place.signIn(signInFile(google, DEVELOPER))
  t.match(await login(shell, 'me'), { type: 'done' }, 'and it is well at once')
})

t.test('a service account’s key', async (t) => {
  const place = await googlePlace(t)
  const { google } = place.daemon.cloud
  const file = keyFile(google, ROBOT)
  const shell = place.shell({ GOOGLE_APPLICATION_CREDENTIALS: place.write('key.json', file) })
  const token = await tokenFor(shell, 'me')
  t.equal(token.principal, ROBOT)
  t.match(known(shell, token), { principal: ROBOT, scopes: [CLOUD_PLATFORM] })
  const drive = await tokenFor(shell, 'me', { scopes: [DRIVE] })
  t.match(known(shell, drive), { scopes: [DRIVE] })
  const identity = await idTokenFor(shell, 'me')
  t.match(await verified(shell, identity.token.reveal()), { email: ROBOT, email_verified: true })
  t.ok(Math.abs(identity.expiresAt - Date.now() - 3_600_000) < 5_000)
  t.equal(place.daemon.cloud.calls('GoogleTokenInfo'), 0, 'the file says whose it is')
  google.keys.clear()
  t.match(await failure(tokenFor(shell, 'me', { scopes: [EMAIL_SCOPE] })), {
    code: 'CredentialRejected',
    message: /invalid_grant: Invalid JWT Signature/,
    hint: /deleted or disabled/,
  })
  place.write('key.json', {
    ...file,
    private_key: '-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n',
  })
  t.match(await failure(tokenFor(shell, 'drive')), { code: 'ConfigInvalid', message: /private key/ })
})

t.test('a file that acts as a service account', async (t) => {
  const place = await googlePlace(t)
  const { google } = place.daemon.cloud
  const between = 'between@my-project.iam.gserviceaccount.com'
  addAccount(google, between, DEVELOPER)
  addAccount(google, TERRAFORM, between)
  const file = {
    type: 'impersonated_service_account',
    service_account_impersonation_url: IMPERSONATE,
    delegates: [between],
    source_credentials: signInFile(google, DEVELOPER),
  }
  const shell = place.shell({ GOOGLE_APPLICATION_CREDENTIALS: place.write('acting.json', file) })
  const token = await tokenFor(shell, 'me')
  t.equal(token.principal, TERRAFORM)
  t.match(known(shell, token), { principal: TERRAFORM, scopes: [CLOUD_PLATFORM] })
  t.match(await verified(shell, (await idTokenFor(shell, 'me')).token.reveal()), { email: TERRAFORM })
  google.accounts.get(TERRAFORM)?.creators.clear()
  t.match(await failure(tokenFor(shell, 'drive')), {
    code: 'AccessDenied',
    hint: /serviceAccountTokenCreator/,
  })
})

t.test('a workload of another issuer, by a file and by an address', async (t) => {
  const place = await googlePlace(t)
  const { cloud } = place.daemon
  const job = cloud.startJob()
  const asked = `${job.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=`
  const [audience = ''] = cloud.google.issuers.keys()
  const headers = { Authorization: `Bearer ${job.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` }
  const issuer = await fetch(asked + encodeURIComponent(audience), { headers })
  const { value } = (await issuer.json()) as { value: string }
  const workload = {
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: { file: place.write('token', value) },
  }
  const variables = { GOOGLE_APPLICATION_CREDENTIALS: place.write('workload.json', workload) }
  const shell = place.shell(variables)
  t.match(known(shell, await tokenFor(shell, 'me')), { principal: /^principal:.*subject\/repo:acme\/infra/ })
  t.match(await failure(idTokenFor(shell, 'me')), { code: 'BadRequest', hint: /gcp\/service-account/ })

  const [principal = ''] = [...cloud.google.accessTokens.values()].map((one) => one.principal)
  cloud.google.accounts.get(TERRAFORM)?.creators.add(principal)
  const format = { type: 'json', subject_token_field_name: 'value' }
  place.write('workload.json', {
    ...workload,
    credential_source: { url: asked + encodeURIComponent(audience), headers, format },
    service_account_impersonation_url: IMPERSONATE,
    service_account_impersonation: { token_lifetime_seconds: 900 },
  })
  const acting = await tokenFor(shell, 'drive')
  t.match(known(shell, acting), { principal: TERRAFORM, scopes: [DRIVE] })
  t.ok(Math.abs(acting.expiresAt - Date.now() - 900_000) < 5_000)
  t.match(await verified(shell, (await idTokenFor(shell, 'drive')).token.reveal()), { email: TERRAFORM })
})

t.test('where the file is looked for', async (t) => {
  const place = await signedInPlace(t)
  const { google } = place.daemon.cloud
  const of = async (variables: Record<string, string>) =>
    (await tokenFor(place.shell(variables), 'me')).principal
  const { home: HOME } = place
  const named = place.write('named.json', signInFile(google, 'named@example.com'))
  place.write('cloudsdk/application_default_credentials.json', signInFile(google, 'cloudsdk@example.com'))
  const CLOUDSDK_CONFIG = join(HOME, 'cloudsdk')
  t.equal(await of({ HOME }), DEVELOPER)
  t.equal(await of({ HOME, CLOUDSDK_CONFIG }), 'cloudsdk@example.com')
  t.equal(await of({ HOME, CLOUDSDK_CONFIG, GOOGLE_APPLICATION_CREDENTIALS: named }), 'named@example.com')
  t.equal(place.daemon.cloud.calls('GoogleToken'), 3, 'shells that have other files have other sessions')
  t.equal(await of({ HOME }), DEVELOPER)
  t.equal(place.daemon.cloud.calls('GoogleToken'), 3, 'each of which is held')
  const ours = place.write('ours.json', {
    type: 'external_account',
    token_url: 'http://127.0.0.1:4321/gcp/x/token',
  })
  place.write('isolated/nothing', '')
  const nested = { CLOUDSDK_CONFIG: join(HOME, 'isolated'), GOOGLE_APPLICATION_CREDENTIALS: ours }
  t.equal(await of({ HOME, ...nested }), DEVELOPER, 'within a shell of ours what is behind it')

  const login = 'Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS.'
  const failed = (variables: Record<string, string>) => failure(of(variables))
  t.match(await failed({}), { code: 'LoginRequired', hint: login })
  t.match(await failed({ HOME: join(HOME, 'isolated') }), {
    code: 'LoginRequired',
    message: /isolated\/\.config\/gcloud\/application_default/,
    hint: login,
  })
  t.match(await failed({ GOOGLE_APPLICATION_CREDENTIALS: '/not/there.json', HOME }), {
    code: 'EnvironmentMissing',
    message: /\/not\/there\.json/,
  })
  t.match(await failed({ GOOGLE_APPLICATION_CREDENTIALS: 'here.json', HOME }), {
    code: 'ConfigInvalid',
    hint: 'Give it from the root.',
  })
})

t.test('files that are not what they should be', async (t) => {
  const place = await googlePlace(t)
  const path = join(place.home, 'file.json')
  const shell = place.shell({ GOOGLE_APPLICATION_CREDENTIALS: path })
  const key = keyFile(place.daemon.cloud.google, ROBOT)
  const workload = {
    type: 'external_account',
    audience: 'a',
    subject_token_type: 'b',
    token_url: 'https://sts.googleapis.com/v1/token',
  }
  const cases: [what: string, content: string | object, code: string, message: RegExp][] = [
    ['no JSON', 'nothing', 'ConfigInvalid', /no JSON object/],
    ['a list', '[]', 'ConfigInvalid', /no JSON object/],
    ['a field is missing', { type: 'authorized_user', client_id: 'x' }, 'ConfigInvalid', /no client_secret/],
    ['too large', ' '.repeat(70_000), 'ConfigInvalid', /larger than/],
    ['of no type', {}, 'KindUnsupported', /no type/],
    ['of another type', { type: 'gdch_service_account' }, 'KindUnsupported', /gdch_service_account/],
    ['of another universe', { ...key, universe_domain: 'example.goog' }, 'KindUnsupported', /example\.goog/],
    [
      'for another host',
      { ...workload, token_url: 'https://sts.evil.example/' },
      'KindUnsupported',
      /token_url/,
    ],
    [
      'one that runs a program',
      { ...workload, credential_source: { executable: { command: '/bin/true' } } },
      'KindUnsupported',
      /credential_source/,
    ],
    [
      'one that needs the keys of AWS',
      { ...workload, credential_source: { environment_id: 'aws1', url: 'http://169.254.169.254/' } },
      'KindUnsupported',
      /credential_source/,
    ],
    [
      'a token by plain http from afar',
      { ...workload, credential_source: { url: 'http://token.example/' } },
      'ConfigInvalid',
      /no https address/,
    ],
    [
      'acting as nobody',
      {
        ...workload,
        service_account_impersonation_url: 'https://a.example/',
        credential_source: { file: '/x' },
      },
      'ConfigInvalid',
      /names no account/,
    ],
  ]
  for (const [what, content, code, message] of cases) {
    place.write('file.json', content)
    shell.app.house.broker.setbacks.signedIn()
    for (const { key } of (await chainOf(shell, 'me')).steps) shell.app.house.broker.setbacks.clear(key)
    t.match(await failure(tokenFor(shell, 'me')), { code, message }, what)
  }
  const pipe = join(place.home, 'pipe')
  execFileSync('mkfifo', [pipe])
  const folder = join(place.home, 'folder')
  mkdirSync(folder)
  for (const other of [pipe, folder])
    t.match(await failure(tokenFor(place.shell({ GOOGLE_APPLICATION_CREDENTIALS: other }), 'me')), {
      code: 'ConfigInvalid',
      message: /no plain file/,
    })
  t.equal(place.daemon.cloud.calls(), 0, 'Google is told of none of them')
})

t.test('a key goes to Google and not where its file says', async (t) => {
  const place = await googlePlace(t)
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const token_uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const file = { ...keyFile(place.daemon.cloud.google, ROBOT), token_uri }
  const shell = place.shell({ GOOGLE_APPLICATION_CREDENTIALS: place.write('key.json', file) })
  t.equal((await tokenFor(shell, 'me')).principal, ROBOT)
  t.equal(asked, 0)
})
