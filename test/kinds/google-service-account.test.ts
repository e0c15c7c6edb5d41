/** gcp/service-account and gcp/project, and what all of Google's kinds do when Google is slow, broken or says no. */
import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { factsOf } from '../../daemon/graph/facts.ts'
import { listWorkspace } from '../../daemon/operations/listing.ts'
import { whoami } from '../../daemon/operations/whoami.ts'
import { addAccount, CLOUD_PLATFORM, signInFile } from '../cloud/google-state.ts'
import type { Fault } from '../cloud/knobs.ts'
import { manualClock } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'
import {
  AUDIENCE,
  DEVELOPER,
  idTokenFor,
  known,
  signedInPlace,
  TERRAFORM,
  tokenFor,
} from '../helpers/google.ts'
import { chainOf, login } from '../helpers/identities.ts'

const READ = 'https://www.googleapis.com/auth/devstorage.read_only'
const LAST = 'last@my-project.iam.gserviceaccount.com'
const BETWEEN = 'between@my-project.iam.gserviceaccount.com'
const MINUTE = 60_000

t.test('a service account’s own tokens', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  const { cloud } = place.daemon
  t.match(await login(shell, 'terraform'), { type: 'done', session: { principal: TERRAFORM } })
  const token = await tokenFor(shell, 'terraform')
  t.match(known(shell, token), { principal: TERRAFORM, scopes: [CLOUD_PLATFORM] })
  t.ok(Math.abs(token.expiresAt - Date.now() - 3_600_000) < 5_000, 'an hour')
  const reader = await tokenFor(shell, 'reader')
  t.match(known(shell, reader), { principal: TERRAFORM, scopes: [READ] })
  t.ok(Math.abs(reader.expiresAt - Date.now() - 600_000) < 5_000, 'as long as configured')
  t.match(known(shell, await tokenFor(shell, 'terraform', { scopes: [READ] })), { scopes: [READ] })
  t.equal(cloud.calls('GoogleToken'), 1, 'all of them from one session of the parent')
  t.match(await whoami(shell.app.house, { workspace: shell.workspace, identity: 'terraform' }), {
    valid: true,
    principal: TERRAFORM,
    project: 'my-project',
    region: 'us-central1',
  })
})

t.test('an identity token, for an audience, with the mail address', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  const { token, audience, expiresAt } = await idTokenFor(shell, 'terraform')
  const keys = createRemoteJWKSet(new URL(`${place.daemon.cloud.url}/oauth2/v3/certs`))
  const { payload } = await jwtVerify(token.reveal(), keys, { audience: AUDIENCE })
  t.match(payload, { iss: 'https://accounts.google.com', email: TERRAFORM, email_verified: true })
  t.equal(audience, AUDIENCE)
  t.equal(expiresAt, Number(payload.exp) * 1000)
  await idTokenFor(shell, 'terraform')
  t.equal(place.daemon.cloud.calls('GenerateIdToken'), 1, 'held')
  await idTokenFor(shell, 'terraform', 'https://other.example')
  t.equal(place.daemon.cloud.calls('GenerateIdToken'), 2, 'another audience, another token')
})

t.test('an account after an account, along delegates', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  const { google } = place.daemon.cloud
  addAccount(google, BETWEEN, TERRAFORM)
  addAccount(google, LAST, BETWEEN)
  t.match(known(shell, await tokenFor(shell, 'further')), { principal: LAST })
  google.accounts.get(LAST)?.creators.clear()
  t.match(await failure(idTokenFor(shell, 'further')), {
    code: 'AccessDenied',
    hint: `Grant ${TERRAFORM} roles/iam.serviceAccountTokenCreator on ${LAST}.`,
  })
})

t.test('what Google refuses says what to do', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  const { google } = place.daemon.cloud
  t.match(await failure(tokenFor(shell, 'lasting')), {
    code: 'UpstreamInvalid',
    message: /cannot exceed 3600 seconds/,
    hint: /Ask for 1h or less.*iam\.allowServiceAccountCredentialLifetimeExtension/,
  })
  Object.assign(google.accounts.get(TERRAFORM) ?? {}, { mayLast: true })
  for (const { key } of (await chainOf(shell, 'lasting')).steps) shell.app.house.broker.setbacks.clear(key)
  const { expiresAt } = await tokenFor(shell, 'lasting')
  t.ok(Math.abs(expiresAt - Date.now() - 7_200_000) < 5_000, 'where the policy allows it')

  google.accounts.get(TERRAFORM)?.creators.clear()
  t.match(await failure(tokenFor(shell, 'terraform')), {
    code: 'AccessDenied',
    message: /PERMISSION_DENIED: Permission 'iam\.serviceAccounts\.getAccessToken' denied/,
    hint: `Grant ${DEVELOPER} roles/iam.serviceAccountTokenCreator on ${TERRAFORM}.`,
  })
  google.accounts.clear()
  t.match(await failure(tokenFor(shell, 'reader')), {
    code: 'UpstreamInvalid',
    message: /NOT_FOUND/,
    hint: `Look whether there is a service account ${TERRAFORM}.`,
  })
})

t.test('a parent’s token that Google no longer takes is got anew', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  const { cloud } = place.daemon
  await Promise.all(['terraform', 'me', 'reader'].map((identity) => tokenFor(shell, identity)))
  t.equal(cloud.calls('GoogleToken'), 1, 'who asks at once shares the parent’s')
  cloud.google.accessTokens.clear()
  t.ok(await idTokenFor(shell, 'terraform'))
  t.equal(cloud.calls('GoogleToken'), 2)
  cloud.fault({ operation: 'GenerateAccessToken', kind: 'status', status: 401, code: 'UNAUTHENTICATED' })
  t.match(await failure(tokenFor(shell, 'lasting')), {
    code: 'CredentialRejected',
    message: /UNAUTHENTICATED/,
  })
})

t.test('Google slow, throttling, broken', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  const { cloud } = place.daemon
  await tokenFor(shell, 'me')
  const cases: [Partial<Fault>, string, RegExp][] = [
    [{ kind: 'status', status: 429, code: 'RESOURCE_EXHAUSTED' }, 'UpstreamThrottled', /EXHAUSTED/],
    [{ kind: 'status', status: 503, code: 'UNAVAILABLE' }, 'UpstreamUnavailable', /answered 503/],
    [{ kind: 'status', status: 302, code: '' }, 'UpstreamInvalid', /redirects \(302\)/],
    [{ kind: 'reset' }, 'UpstreamUnavailable', /could not be reached/],
    [{ kind: 'garbage' }, 'UpstreamUnavailable', /nothing usable/],
    [{ kind: 'empty' }, 'UpstreamUnavailable', /nothing usable/],
    [{ kind: 'huge' }, 'UpstreamUnavailable', /no end/],
  ]
  const [, terraform] = (await chainOf(shell, 'terraform')).steps
  for (const [fault, code, message] of cases) {
    cloud.clearFaults()
    cloud.fault({ operation: 'GenerateAccessToken', kind: 'status', ...fault })
    shell.app.house.broker.setbacks.clear(terraform?.key ?? '')
    t.match(await failure(tokenFor(shell, 'terraform')), { code, message }, JSON.stringify(fault))
  }
})

t.test('a credential that is valid is renewed behind its users, who never wait', async (t) => {
  const clock = manualClock()
  const place = await signedInPlace(t, { clock, cloud: { now: clock.now } })
  const shell = place.shell()
  const { cloud } = place.daemon
  const first = await tokenFor(shell, 'me')
  const text = ({ accessToken }: typeof first) => accessToken.reveal()
  for (const fault of [
    { kind: 'hang' },
    { kind: 'status', status: 503, code: 'UNAVAILABLE' },
    { kind: 'status', status: 429, code: 'RESOURCE_EXHAUSTED' },
    { kind: 'status', status: 400, code: 'invalid_grant' },
    { kind: 'garbage' },
  ] as const) {
    cloud.clearFaults()
    cloud.fault({ operation: 'GoogleToken', ...fault })
    await clock.advance(9 * MINUTE)
    t.equal(text(await tokenFor(shell, 'me')), text(first), `the one that is held, while ${fault.kind}`)
  }
  t.ok(cloud.calls('GoogleToken') > 2, 'the renewal was tried')
  cloud.clearFaults()
  const seen = new Set<string>()
  for (let turn = 0; turn < 60 && seen.size < 2; turn++) {
    await clock.advance(10_000)
    seen.add(text(await tokenFor(shell, 'me')))
  }
  t.equal(seen.size, 2, 'and once Google is well there is a new one')
  t.ok((await tokenFor(shell, 'me')).expiresAt > first.expiresAt)
})

t.test('the audience’s and the scopes’ tokens end with the sign-in', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  await tokenFor(shell, 'me', { scopes: [READ] }).catch(() => {})
  await idTokenFor(shell, 'terraform')
  const chain = await chainOf(shell, 'terraform')
  await shell.app.house.broker.drop(chain)
  place.signIn({ ...signInFile(place.daemon.cloud.google, DEVELOPER), refresh_token: 'revoked' })
  const [root] = chain.steps
  if (root) await shell.app.house.broker.drop({ ...chain, steps: [root] })
  t.match(await failure(idTokenFor(shell, 'terraform')), { code: 'LoginRequired' })
})

t.test('facts and listings', async (t) => {
  const place = await signedInPlace(t)
  const shell = place.shell()
  const facts = async (identity: string) => factsOf(await chainOf(shell, identity))
  t.strictSame(await facts('me'), {
    project: 'production-project',
    region: 'us-central1',
    zone: 'us-central1-a',
  })
  t.strictSame(await facts('terraform'), { project: 'my-project', region: 'us-central1', account: TERRAFORM })
  t.strictSame(await facts('ci'), {
    project: 'production-project',
    projectNumber: '123456789012',
  })
  const { identities, problems } = await listWorkspace(shell.app.house, { workspace: shell.workspace })
  t.strictSame(problems, [])
  t.match(
    identities.map(({ principal }) => principal),
    ['project production-project', 'project production-project', 'project production-project', TERRAFORM],
  )
})
