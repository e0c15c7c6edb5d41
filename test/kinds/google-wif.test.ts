/** gcp/workload-identity-federation: from the token of another issuer to Google's, wherever that token is. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { factsOf } from '../../daemon/graph/facts.ts'
import { CLOUD_PLATFORM, PROVIDER } from '../cloud/google-state.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { aheadClock, settle } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'
import {
  AUDIENCE,
  googleConfig,
  googlePlace,
  idTokenFor,
  known,
  TERRAFORM,
  tokenFor,
} from '../helpers/google.ts'
import { chainOf, login } from '../helpers/identities.ts'
import { openIssuer } from '../helpers/issuer.ts'

const WORKLOAD = /^principal:.*github-pool\/subject\/repo:acme\/infra/
const ACTING = `service_account_email: ${TERRAFORM}`

/** A server that does what `play` says, and what it was asked. */
async function source(t: Teardown, play: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    play(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, seen }
}

interface Teardown {
  teardown(work: () => unknown): void
}

/** A token as a job of the sandbox's GitHub has it. */
function jobToken(more: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    sub: 'repo:acme/infra:ref:refs/heads/main',
  }
  return signedJwt({ ...claims, aud: `https:${PROVIDER}`, iat: now, exp: now + 300, ...more })
}

t.test('a job of GitHub Actions, with nothing configured', async (t) => {
  const place = await googlePlace(t)
  const { cloud } = place.daemon
  const shell = place.shell(cloud.startJob())
  t.match(await login(shell, 'ci'), { type: 'done' })
  const token = await tokenFor(shell, 'ci')
  t.match(known(shell, token), { principal: WORKLOAD, scopes: [CLOUD_PLATFORM] })
  t.match(cloud.google.exchanged, [{ aud: `https:${PROVIDER}` }], 'the token was for the pool')
  const scopes = ['https://www.googleapis.com/auth/drive']
  t.match(known(shell, await tokenFor(shell, 'ci', { scopes })), { scopes })
  t.match(await failure(idTokenFor(shell, 'ci')), { code: 'BadRequest', hint: /service_account_email/ })
  const other = place.shell(cloud.startJob('infra'))
  t.not(
    (await tokenFor(other, 'ci')).accessToken.reveal(),
    token.accessToken.reveal(),
    'one job’s is no other’s',
  )
  const stranger = place.shell(cloud.startJob('website'))
  t.match(await failure(tokenFor(stranger, 'ci')), { code: 'AccessDenied', hint: /attribute condition/ })
  t.match(await failure(tokenFor(place.shell({ GITHUB_ACTIONS: 'true' }), 'ci')), {
    code: 'EnvironmentMissing',
    hint: /id-token: write/,
  })
  t.match(await failure(tokenFor(place.shell({}), 'ci')), {
    code: 'EnvironmentMissing',
    hint: /token_source/,
  })
})

t.test('acting as a service account', async (t) => {
  const place = await googlePlace(t, { wif: ACTING })
  const { cloud } = place.daemon
  const shell = place.shell(cloud.startJob())
  const denied = await failure(tokenFor(shell, 'ci'))
  t.match(denied, { code: 'AccessDenied', hint: /roles\/iam\.serviceAccountTokenCreator/ })
  const [workload] = [...cloud.google.accessTokens.values()].map(({ principal }) => principal)
  cloud.google.accounts.get(TERRAFORM)?.creators.add(workload ?? '')
  for (const { key } of (await chainOf(shell, 'ci')).steps) shell.app.house.broker.setbacks.clear(key)
  const token = await tokenFor(shell, 'ci')
  t.match([token, known(shell, token)], [{ principal: TERRAFORM }, { principal: TERRAFORM }])
  const identity = await idTokenFor(shell, 'ci')
  const keys = createRemoteJWKSet(new URL(`${cloud.url}/oauth2/v3/certs`))
  const { payload } = await jwtVerify(identity.token.reveal(), keys, { audience: AUDIENCE })
  t.equal(payload.email, TERRAFORM)
  t.match(factsOf(await chainOf(shell, 'ci')), { account: TERRAFORM, projectNumber: '123456789012' })
})

t.test('it is renewed for as long as the job runs, and what is held stays good after', async (t) => {
  const clock = aheadClock()
  const place = await googlePlace(t, { clock, cloud: { now: clock.now } })
  const { cloud } = place.daemon
  const shell = place.shell(cloud.startJob())
  const seen = new Set<string>()
  const ask = async () => void seen.add((await tokenFor(shell, 'ci')).accessToken.reveal())
  await ask()
  for (const wanted of [2, 3]) {
    clock.turn(45 * 60_000)
    for (let tries = 0; tries < 1_000 && seen.size < wanted; tries++) await ask().then(settle)
  }
  t.equal(seen.size, 3, 'three tokens, and nobody asked')
  cloud.jobs({ running: false })
  clock.turn(30 * 60_000)
  t.ok((await tokenFor(shell, 'ci')).expiresAt > clock.now(), 'the last one is served')
  clock.turn(40 * 60_000)
  t.match(await failure(tokenFor(shell, 'ci')), { code: 'CredentialRejected', hint: /The job has ended/ })
})

t.test('a file and a variable', async (t) => {
  const file = await googlePlace(t, { wif: "token_source: { type: file, file_path: '/never/there' }" })
  t.match(await failure(tokenFor(file.shell({}), 'ci')), {
    code: 'EnvironmentMissing',
    message: /never\/there/,
  })
  const relative = await googlePlace(t, { wif: "token_source: { type: file, file_path: 'token' }" })
  t.match(await failure(tokenFor(relative.shell({}), 'ci')), { code: 'ConfigInvalid', hint: /from the root/ })

  const wif = 'token_source: { environment_variable: CI_TOKEN }'
  const place = await googlePlace(t, { wif, names: ['CI_TOKEN'] })
  const given = (CI_TOKEN: string) => tokenFor(place.shell({ CI_TOKEN }), 'ci')
  t.match(known(place.daemon, await given(` ${jobToken()}\n`)), { principal: WORKLOAD })
  t.match(await failure(given('nonsense')), { code: 'UpstreamInvalid', message: /CI_TOKEN.*no token/ })
  t.match(await failure(given(jobToken({ exp: 1 }))), {
    code: 'CredentialRejected',
    message: /CI_TOKEN has ended/,
  })
  t.match(await failure(given(jobToken({ aud: 'other' }))), {
    code: 'CredentialRejected',
    message: /aud/,
    hint: /issuer, audience and end/,
  })
  t.match(await failure(given(`${jobToken().replace(/[^.]+$/, '')}AAAA`)), { code: 'CredentialRejected' })
  t.match(await failure(tokenFor(place.shell({}), 'ci')), {
    code: 'EnvironmentMissing',
    message: /CI_TOKEN is not set/,
  })
})

t.test('an address: with its own secret, and nobody else’s', async (t) => {
  const { url, seen } = await source(t, (_, response) => response.end(JSON.stringify({ value: jobToken() })))
  const own = await googlePlace(t, {
    wif: `token_source: { type: url, url: '${url}', request_token: own-secret }`,
  })
  const job = own.daemon.cloud.startJob()
  t.match(known(own.daemon, await tokenFor(own.shell(job), 'ci')), { principal: WORKLOAD })
  t.equal(seen[0]?.headers.authorization, 'Bearer own-secret')
  t.equal(seen[0]?.url, `/token?audience=${encodeURIComponent(`https:${PROVIDER}`)}`)

  const none = await googlePlace(t, { wif: `token_source: { type: url, url: '${url}', audience: mine }` })
  const withJob = none.shell(none.daemon.cloud.startJob())
  await tokenFor(withJob, 'ci')
  t.equal(seen[1]?.headers.authorization, undefined, 'the job’s secret goes to GitHub alone')
  t.equal(seen[1]?.url, '/token?audience=mine')

  const github = await googlePlace(t, {
    config: (address) => {
      const wif = `token_source: { type: url, url: '${address}/_apis/distributedtask/hubs/build/idtoken?api-version=2.0' }`
      return googleConfig(address, wif)
    },
  })
  t.match(known(github.daemon, await tokenFor(github.shell(github.daemon.cloud.startJob()), 'ci')), {
    principal: WORKLOAD,
  })
  t.equal(
    github.daemon.cloud.calls('IdToken'),
    1,
    'an address at the job’s own place is asked with the job’s secret',
  )
})

t.test('allowed_hosts', async (t) => {
  const wif = 'token_source: { type: url, allowed_hosts: [pipelines.actions.githubusercontent.com] }'
  const place = await googlePlace(t, { wif })
  const shell = place.shell(place.daemon.cloud.startJob())
  t.match(await failure(tokenFor(shell, 'ci')), {
    code: 'ConfigInvalid',
    message: /at 127\.0\.0\.1, which is not allowed/,
    hint: /allowed_hosts/,
  })
  t.equal(place.daemon.cloud.calls(), 0, 'nothing was sent')
  const allowed = await googlePlace(t, { wif: 'token_source: { type: url, allowed_hosts: [127.0.0.1] }' })
  t.ok(await tokenFor(allowed.shell(allowed.daemon.cloud.startJob()), 'ci'))
})

t.test('an address that answers with anything else', async (t) => {
  const elsewhere = await source(t, (_, response) => response.end(JSON.stringify({ value: jobToken() })))
  const cases: [string, (response: ServerResponse) => void, object][] = [
    [
      'a redirect',
      (response) => response.writeHead(307, { Location: elsewhere.url }).end(),
      { code: 'UpstreamInvalid', message: /redirects/ },
    ],
    ['a refusal', (response) => response.writeHead(403).end('own-secret'), { code: 'CredentialRejected' }],
    ['too often', (response) => response.writeHead(429).end(), { code: 'UpstreamThrottled' }],
    ['an outage', (response) => response.writeHead(502).end(), { code: 'UpstreamUnavailable' }],
    [
      'no JSON',
      (response) => response.end('<html>'),
      { code: 'UpstreamInvalid', message: /no token in "value"/ },
    ],
    [
      'no token',
      (response) => response.end('{"value":"x"}'),
      { code: 'UpstreamInvalid', message: /no token/ },
    ],
    [
      'no end',
      (response) => response.end('x'.repeat(100_000)),
      { code: 'UpstreamUnavailable', message: /no end/ },
    ],
    ['nothing', (response) => response.destroy(), { code: 'UpstreamUnavailable', message: /not be reached/ }],
  ]
  for (const [what, play, expected] of cases) {
    const { url } = await source(t, (_, response) => void play(response))
    const wif = `token_source: { type: url, url: '${url}', request_token: own-secret }`
    const place = await googlePlace(t, { wif })
    const failed = await failure(tokenFor(place.shell({}), 'ci'))
    t.match(failed, expected, what)
    t.notMatch(`${failed.message} ${failed.hint}`, /own-secret/)
    t.equal(place.daemon.cloud.calls('GoogleExchange'), 0, `${what}: Google is not asked`)
  }
  t.equal(elsewhere.seen.length, 0, 'no redirect was followed')
})

t.test('the exchange refuses', async (t) => {
  const place = await googlePlace(t)
  const { cloud } = place.daemon
  cloud.google.issuers.clear()
  t.match(await failure(tokenFor(place.shell(cloud.startJob()), 'ci')), {
    code: 'UpstreamInvalid',
    message: /invalid_target/,
    hint: /github-pool\/providers\/github-provider/,
  })
  for (const [fault, code] of [
    [{ kind: 'status', status: 500 }, 'UpstreamUnavailable'],
    [{ kind: 'huge' }, 'UpstreamUnavailable'],
    [{ kind: 'garbage' }, 'UpstreamUnavailable'],
    [{ kind: 'status', status: 429, code: 'rate' }, 'UpstreamThrottled'],
  ] as const) {
    cloud.clearFaults()
    cloud.fault({ operation: 'GoogleExchange', ...fault })
    t.match(await failure(tokenFor(place.shell(cloud.startJob()), 'ci')), { code })
  }
})

t.test('the token of a real OpenID issuer', async (t) => {
  const issuer = await openIssuer(t, `https:${PROVIDER}`)
  const wif = 'token_source: { environment_variable: CI_TOKEN }'
  const place = await googlePlace(t, { wif, names: ['CI_TOKEN'] })
  const { google } = place.daemon.cloud
  google.issuers.set(PROVIDER, { issuer: issuer.url, key: createRemoteJWKSet(new URL(issuer.jwks)) })
  const CI_TOKEN = await issuer.token()
  t.match(known(place.daemon, await tokenFor(place.shell({ CI_TOKEN }), 'ci')), {
    principal: /github-pool\/subject\/runner$/,
  })
  t.match(google.exchanged.at(-1), { iss: issuer.url, aud: `https:${PROVIDER}` })
  t.match(await failure(tokenFor(place.shell({ CI_TOKEN: jobToken({ iss: issuer.url }) }), 'ci')), {
    code: 'CredentialRejected',
    message: /invalid_grant/,
  })
})
