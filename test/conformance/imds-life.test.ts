/** Metadata through the life of a session: what ends soon, what cannot be had, and a cloud that takes long. */
import t from 'tap'
import { type Metadata, metadataOf, ROLES, TTL } from '../helpers/asking.ts'
import { aheadClock } from '../helpers/clock.ts'
import { chainOf } from '../helpers/identities.ts'
import { type Running, running } from '../helpers/running.ts'

const MINUTE_MS = 60_000

const clock = aheadClock()
let daemon: Running
let imds: Metadata

t.before(async () => {
  daemon = await running({ clock, cloud: { now: clock.now } })
  await daemon.signIn('dev-admin')
  imds = await metadataOf(daemon, 'dev-admin')
})
t.teardown(() => daemon.stop())

const broker = () => daemon.app.house.broker

async function credentials(): Promise<{ keys: string; expiration: string }> {
  const { AccessKeyId: keys, Expiration: expiration } = JSON.parse((await imds.get(`${ROLES}dev-admin`)).body)
  return { keys, expiration }
}

t.test('22, 88, 94: a cloud that takes long is not waited for, and 503 is for what will pass', async (t) => {
  daemon.cloud.delay('GetRoleCredentials', 1_500)
  await broker().drop(await chainOf(daemon, 'dev-admin'))
  const header = [`X-aws-ec2-metadata-token: ${await imds.token()}`]
  const begun = performance.now()
  const answer = await imds.ask('GET', ROLES, header)
  const took = performance.now() - begun
  t.equal(answer.status, 503)
  t.equal(answer.headers['retry-after'], '1')
  t.ok(took <= 450, `after ${Math.round(took)} ms`)
  const tokenBegun = performance.now()
  t.equal((await imds.ask('PUT', '/latest/api/token', [`${TTL}: 5`])).status, 200)
  t.ok(performance.now() - tokenBegun < 200, 'tokens are given all the same')
  daemon.cloud.clearFaults()
  for (let tries = 0; tries < 10 && (await imds.ask('GET', ROLES, header)).status === 503; tries++);
  t.equal((await imds.ask('GET', ROLES, header)).status, 200)
})

t.test('81: what ends soon is renewed first, and where that fails told to the fraction', async (t) => {
  const { keys } = await credentials()
  daemon.cloud.fault({ operation: 'GetRoleCredentials', kind: 'status', status: 500 })
  clock.turn(50 * MINUTE_MS)
  const last = await credentials()
  t.equal(last.keys, keys, 'a valid credential is not withdrawn')
  t.match(last.expiration, /\.000Z$/, 'which botocore does not stretch')
  daemon.cloud.clearFaults()
  clock.turn(2 * MINUTE_MS)
  const next = await credentials()
  t.not(next.keys, keys)
  t.ok(Date.parse(next.expiration) - clock.now() >= 25 * MINUTE_MS)
  t.notMatch(next.expiration, /\./)
})

t.test('81: it is renewed in time for those who believe it for longer, before others need it', async (t) => {
  await broker().renew(await chainOf(daemon, 'dev-admin'))
  const first = await credentials()
  clock.turn(37 * MINUTE_MS)
  const second = await credentials()
  t.not(second.keys, first.keys, 'with 23 minutes left it is waited for')
  clock.turn(32 * MINUTE_MS)
  const third = await credentials()
  t.equal(third.keys, second.keys, 'with 28 minutes left it is not')
  for (let tries = 0; tries < 20 && (await credentials()).keys === second.keys; tries++);
  t.not((await credentials()).keys, second.keys, 'but it is under way')
})

t.test('79, 81: what lives too briefly is refused when it is asked for, and not listed', async (t) => {
  daemon.cloud.lifetimes({ roleCredentialsSeconds: 900 })
  await broker().renew(await chainOf(daemon, 'dev-admin'))
  t.equal((await imds.get(ROLES)).status, 404)
  t.equal((await imds.get(`${ROLES}dev-admin`)).status, 404)
  await t.rejects(metadataOf(daemon, 'dev-admin'), { code: 'BadRequest', message: /too short-lived/ })
  daemon.cloud.lifetimes({ roleCredentialsSeconds: 3_600 })
  await broker().renew(await chainOf(daemon, 'dev-admin'))
  t.equal((await imds.get(ROLES)).status, 200)
})

t.test('80: a role that cannot be had says why, as the real service does', async (t) => {
  daemon.cloud.revokeAccessTokens()
  daemon.cloud.revokeRefreshTokens()
  await broker().drop(await chainOf(daemon, 'dev-admin'))
  await imds.get(`${ROLES}dev-admin`)
  t.equal((await imds.get(ROLES)).body, 'dev-admin')
  const { status, body } = await imds.get(`${ROLES}dev-admin`)
  t.equal(status, 200)
  const said = JSON.parse(body)
  t.match(said, { Code: 'AssumeRoleUnauthorizedAccess', Message: /atmosctl login/, LastUpdated: /Z$/ })
  t.notOk('AccessKeyId' in said)
  await daemon.signIn('dev-admin')
  t.match(JSON.parse((await imds.get(`${ROLES}dev-admin`)).body), { Code: 'Success' })
})
