/** The instance metadata of a grant, byte for byte. Numbers are those of the statements in section 7.3 of the protocols. */
import { connect } from 'node:net'
import t from 'tap'
import { roleNameOf } from '../../daemon/endpoints/imds.ts'
import { imdsTokens } from '../../daemon/endpoints/imds-tokens.ts'
import { issueGrant, revokeGrants } from '../../daemon/operations/grant.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import { manualClock } from '../helpers/clock.ts'
import { freePort } from '../helpers/port.ts'
import { type RawAnswer, raw } from '../helpers/raw.ts'
import { type Running, running } from '../helpers/running.ts'

const ROLES = '/latest/meta-data/iam/security-credentials/'
const TTL = 'X-aws-ec2-metadata-token-ttl-seconds'
const MINUTE_MS = 60_000

/** The system's clock, which a test can put forward. */
let ahead = 0
const clock: Clock = {
  ...systemClock,
  now: () => systemClock.now() + ahead,
  monotonic: () => systemClock.monotonic() + ahead,
}

let daemon: Running
let port: number
let id: string

t.before(async () => {
  daemon = await running({ clock, cloud: { now: clock.now } })
  await daemon.signIn('dev-admin')
  const opened = await open('dev-admin')
  port = opened.port
  id = opened.id
})
t.teardown(() => daemon.stop())

async function open(identity: string, wanted?: number, on = daemon) {
  const request = { workspace: on.workspace, identity, dialect: 'aws-imds' as const, port: wanted }
  const reply = await issueGrant(on.app.house, request)
  return { ...reply, port: Number(new URL(reply.url).port) }
}

/** A request with the given lines after its first, from a client that knows the address. */
function ask(method: string, path: string, lines: readonly string[] = [], to = port): Promise<RawAnswer> {
  const head = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${to}`, ...lines]
  return raw(to, `${head.join('\r\n')}\r\n\r\n`, 1_000)
}

async function tokenOf(to = port, ttl = 21_600): Promise<string> {
  const { status, body } = await ask('PUT', '/latest/api/token', [`${TTL}: ${ttl}`, 'Content-Length: 0'], to)
  if (status !== 200) throw new Error(`no token: ${status} ${body}`)
  return body
}

async function get(path: string, to = port): Promise<RawAnswer> {
  return ask('GET', path, [`X-aws-ec2-metadata-token: ${await tokenOf(to)}`], to)
}

t.test('60, 63 a token for a time to live, which is told again', async (t) => {
  for (const ttl of ['21600', '1', '300']) {
    const { status, headers, body } = await ask('PUT', '/latest/api/token', [`${TTL}: ${ttl}`])
    t.equal(status, 200, ttl)
    t.equal(headers['content-type'], 'text/plain')
    t.equal(headers['x-aws-ec2-metadata-token-ttl-seconds'], ttl)
    t.match(body, /^[\w-]{40,}$/, 'without a line break')
  }
  const form = [`${TTL}: 60`, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 0']
  t.equal((await ask('PUT', '/latest/api/token', form)).status, 200, 'as curl and others send it')
})

t.test('61, 62 no token for another', async (t) => {
  for (const ttl of [undefined, '0', '-1', '21601', 'abc', '', '1.5', '1e2', ' ', '99999999999'])
    t.equal(
      (await ask('PUT', '/latest/api/token', ttl === undefined ? [] : [`${TTL}: ${ttl}`])).status,
      400,
      `ttl ${ttl}`,
    )
  t.equal((await ask('PUT', '/latest/api/token', [`${TTL}: 5`, `${TTL}: 5`])).status, 400, 'two of them')
})

t.test('63 a token ends when it was to', async (t) => {
  const token = await tokenOf(port, 1)
  const listing = () => ask('GET', ROLES, [`X-aws-ec2-metadata-token: ${token}`])
  t.equal((await listing()).status, 200)
  ahead += 1_001
  t.equal((await listing()).status, 401)
})

const refused: [string, number, string, string, string[]][] = [
  ['64 X-Forwarded-For', 403, 'PUT', '/latest/api/token', [`${TTL}: 60`, 'X-Forwarded-For: 1.2.3.4']],
  ['65 a dated version', 403, 'PUT', '/2021-01-03/api/token', [`${TTL}: 60`]],
  ['66 POST', 405, 'POST', '/latest/api/token', [`${TTL}: 60`]],
  ['66 GET', 405, 'GET', '/latest/api/token', []],
  ['67 PUT on data', 405, 'PUT', ROLES, []],
  ['67 POST on data', 405, 'POST', ROLES, []],
  ['67 DELETE on data', 405, 'DELETE', ROLES, []],
  ['OPTIONS', 405, 'OPTIONS', '/latest/api/token', []],
  ['68 no token', 401, 'GET', ROLES, []],
  ['68 an empty token', 401, 'GET', ROLES, ['X-aws-ec2-metadata-token:']],
  ['69 a made-up token', 401, 'GET', ROLES, [`X-aws-ec2-metadata-token: ${'A'.repeat(54)}`]],
  ['69 a long one', 401, 'GET', ROLES, [`X-aws-ec2-metadata-token: ${'A'.repeat(4_000)}`]],
  ['68 nothing is told of unknown paths', 401, 'GET', '/latest/nothing', []],
  ['a foreign Host', 403, 'PUT', '/latest/api/token', [`${TTL}: 60`, 'Origin: http://evil.example']],
  ['Referer', 403, 'GET', ROLES, ['Referer: http://evil.example/']],
  ['Sec-Fetch-Site', 403, 'GET', ROLES, ['Sec-Fetch-Site: cross-site']],
  ['Via', 403, 'GET', ROLES, ['Via: 1.1 proxy']],
  ['a second Host', 400, 'GET', ROLES, ['Host: evil.example']],
  ['an absolute target', 400, 'GET', 'http://127.0.0.1/latest/', []],
  ['a body of 9 KiB', 413, 'PUT', '/latest/api/token', [`${TTL}: 60`, 'Content-Length: 9000']],
]

t.test('64 to 69 refused, and the next request is answered', async (t) => {
  for (const [name, status, method, path, lines] of refused) {
    const answer = await ask(method, path, lines)
    t.equal(answer.status, status, name)
    t.notMatch(answer.text, /access-control|SecretAccessKey/i, name)
  }
  const rebound = await raw(port, `PUT /latest/api/token HTTP/1.1\r\nHost: evil.example\r\n${TTL}: 5\r\n\r\n`)
  t.equal(rebound.status, 403, 'the Host of a page whose name was made to point here')
  t.equal((await get(ROLES)).status, 200)
})

t.test('70, 85, 87 what there is not', async (t) => {
  const paths = ['nothing', 'meta-data/instance-id', 'user-data', 'meta-data/hostname', 'meta-data/iam/info']
  for (const path of paths.map((name) => `/latest/${name}`)) t.equal((await get(path)).status, 404, path)
  for (const path of ['/2021-01-03/meta-data/', '//latest/', '/latest//', '/LATEST/', '/latest/%6deta-data/'])
    t.equal((await get(path)).status, 404, path)
  for (const path of [`${ROLES}other`, `${ROLES}../x`, `${ROLES}dev-admin/x`])
    t.equal((await get(path)).status, 404, `77 ${path}`)
  for (const path of ['security-credentials-extended/', 'security-credentials-extended/dev-admin'])
    t.equal((await get(`/latest/meta-data/iam/${path}`)).status, 404, `78 ${path}`)
})

t.test('71 of a grant that has ended there is nothing, and its port is closed', async (t) => {
  const ending = await open('dev-admin')
  const [grant] = daemon.app.house.grants.list().filter((one) => one.id === ending.id)
  if (!grant) throw new Error('no grant')
  const token = await tokenOf(ending.port)
  grant.expiresAt = clock.now()
  t.equal((await ask('PUT', '/latest/api/token', [`${TTL}: 60`], ending.port)).status, 403)
  t.equal((await ask('GET', ROLES, [`X-aws-ec2-metadata-token: ${token}`], ending.port)).status, 403)
  const kept = connect({ port: ending.port, host: '127.0.0.1' })
  await new Promise((resolve) => kept.once('connect', resolve))
  const closed = new Promise((resolve) => kept.once('close', resolve))
  await revokeGrants(daemon.app.house, (one) => one.id === ending.id)
  await closed
  t.pass('what was connected is cut off')
  await t.rejects(ask('GET', ROLES, [], ending.port), { code: 'ECONNREFUSED' })
})

t.test('72, 73 a token is good for every path and connection, of its own port alone', async (t) => {
  const other = await open('emergency')
  const token = await tokenOf()
  const header = [`X-aws-ec2-metadata-token: ${token}`]
  for (const path of ['/', '/latest/', ROLES]) t.equal((await ask('GET', path, header)).status, 200, path)
  t.equal((await ask('GET', ROLES, header, other.port)).status, 401)
  await revokeGrants(daemon.app.house, (grant) => grant.id === other.id)

  const wall = manualClock()
  const tokens = imdsTokens(Buffer.alloc(32, 1), wall)
  const own = tokens.issue(60)
  t.ok(tokens.isValid(own))
  t.notOk(imdsTokens(Buffer.alloc(32, 2), wall).isValid(own), 'signed with another key')
  for (let at = 0; at < own.length; at++) {
    const changed = `${own.slice(0, at)}${own[at] === 'A' ? 'B' : 'A'}${own.slice(at + 1)}`
    if (tokens.isValid(changed)) t.fail(`character ${at} does not matter`)
  }
  for (const more of [`${own}A`, `${own}=`, ` ${own}`, `${own}\n`, own.slice(1)])
    t.notOk(tokens.isValid(more))
})

t.test('74 to 76, 82 the role, and its credentials', async (t) => {
  for (const path of [ROLES, ROLES.slice(0, -1), `${ROLES}?a=b`]) {
    const { status, headers, body } = await get(path)
    t.equal(status, 200)
    t.equal(headers['content-type'], 'text/plain')
    t.equal(headers['cache-control'], 'no-store')
    t.equal(body, 'dev-admin', 'without a line break')
  }
  const { body } = await get(`${ROLES}dev-admin`)
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
  t.match(JSON.parse(body), {
    Code: 'Success',
    Type: 'AWS-HMAC',
    AccessKeyId: /^ASIA/,
    SecretAccessKey: /.+/,
    Token: /.+/,
    Expiration: instant,
    LastUpdated: instant,
  })
  t.match(JSON.parse((await get(`${ROLES}dev-admin/`)).body), { Code: 'Success' })
})

t.test('25 HEAD answers as GET does, without a body', async (t) => {
  const token = await tokenOf()
  const { status, body } = await ask('HEAD', ROLES, [`X-aws-ec2-metadata-token: ${token}`])
  t.strictSame([status, body], [200, ''])
  t.equal((await ask('HEAD', ROLES)).status, 401)
})

t.test('83, 84 where the instance would be', async (t) => {
  const placed = '/latest/meta-data/placement/'
  t.equal((await get(`${placed}region`)).body, 'us-east-1')
  for (const path of ['availability-zone', 'availability-zone/'])
    t.equal((await get(`${placed}${path}`)).body, 'us-east-1a')
  const document = JSON.parse((await get('/latest/dynamic/instance-identity/document')).body)
  t.match(document, { region: 'us-east-1', accountId: /^\d{12}$/ })
})

t.test('86 directories', async (t) => {
  const listings: [string, string][] = [
    ['/', 'latest/'],
    ['/latest/', 'dynamic/\nmeta-data/'],
    ['/latest/meta-data/', 'iam/\nplacement/'],
    ['/latest/meta-data', 'iam/\nplacement/'],
    ['/latest/meta-data/iam/', 'security-credentials/'],
    ['/latest/meta-data/placement/', 'availability-zone\nregion'],
  ]
  for (const [path, expected] of listings) t.equal((await get(path)).body, expected, path)
})

t.test('22, 88, 94 a cloud that takes long is not waited for', async (t) => {
  daemon.cloud.delay('GetRoleCredentials', 1_500)
  await daemon.app.house.broker.drop(await chainOf('dev-admin'))
  const token = await tokenOf()
  const header = [`X-aws-ec2-metadata-token: ${token}`]
  const begun = performance.now()
  const answer = await ask('GET', ROLES, header)
  const took = performance.now() - begun
  t.equal(answer.status, 503)
  t.equal(answer.headers['retry-after'], '1')
  t.ok(took <= 450, `after ${Math.round(took)} ms`)
  t.equal((await ask('PUT', '/latest/api/token', [`${TTL}: 5`])).status, 200, 'tokens are given all the same')
  daemon.cloud.clearFaults()
  for (let tries = 0; tries < 10 && (await ask('GET', ROLES, header)).status === 503; tries++);
  t.equal((await ask('GET', ROLES, header)).status, 200)
})

async function chainOf(identity: string, on = daemon) {
  const [grant] = on.app.house.grants.list().filter((one) => one.identity === identity)
  if (!grant) throw new Error('no grant')
  return on.app.house.chains.of(grant)
}

t.test('81 what ends soon is renewed first, and where that fails told to the fraction', async (t) => {
  const { keys } = await credentials()
  daemon.cloud.fault({ operation: 'GetRoleCredentials', kind: 'status', status: 500 })
  ahead += 50 * MINUTE_MS
  const last = await credentials()
  t.equal(last.keys, keys, 'a valid credential is not withdrawn')
  t.match(last.expiration, /\.000Z$/, 'which botocore does not stretch')
  daemon.cloud.clearFaults()
  ahead += 2 * MINUTE_MS
  const next = await credentials()
  t.not(next.keys, keys)
  t.ok(Date.parse(next.expiration) - clock.now() >= 25 * MINUTE_MS)
  t.notMatch(next.expiration, /\./)
})

t.test('81 it is renewed in time for those who believe it for longer, before others need it', async (t) => {
  await daemon.app.house.broker.renew(await chainOf('dev-admin'))
  const first = await credentials()
  ahead += 37 * MINUTE_MS
  const second = await credentials()
  t.not(second.keys, first.keys, 'with 23 minutes left it is waited for')
  ahead += 32 * MINUTE_MS
  const third = await credentials()
  t.equal(third.keys, second.keys, 'with 28 minutes left it is not')
  for (let tries = 0; tries < 20 && (await credentials()).keys === second.keys; tries++);
  t.not((await credentials()).keys, second.keys, 'but it is under way')
})

async function credentials(): Promise<{ keys: string; expiration: string }> {
  const { AccessKeyId: keys, Expiration: expiration } = JSON.parse((await get(`${ROLES}dev-admin`)).body)
  return { keys, expiration }
}

t.test('81 what lives too briefly is refused when it is asked for, and not listed', async (t) => {
  daemon.cloud.lifetimes({ roleCredentialsSeconds: 900 })
  await daemon.app.house.broker.renew(await chainOf('dev-admin'))
  t.equal((await get(ROLES)).status, 404)
  t.equal((await get(`${ROLES}dev-admin`)).status, 404)
  await t.rejects(open('dev-admin'), { code: 'BadRequest', message: /too short-lived/ })
  daemon.cloud.lifetimes({ roleCredentialsSeconds: 3_600 })
  await daemon.app.house.broker.renew(await chainOf('dev-admin'))
  t.equal((await get(ROLES)).status, 200)
})

t.test('79, 80 a role that cannot be had says why', async (t) => {
  daemon.cloud.revokeAccessTokens()
  daemon.cloud.revokeRefreshTokens()
  const chain = await chainOf('dev-admin')
  await daemon.app.house.broker.drop(chain)
  await get(`${ROLES}dev-admin`)
  t.equal((await get(ROLES)).body, 'dev-admin')
  const { status, body } = await get(`${ROLES}dev-admin`)
  t.equal(status, 200)
  const said = JSON.parse(body)
  t.match(said, { Code: 'AssumeRoleUnauthorizedAccess', Message: /atmosctl login/, LastUpdated: /Z$/ })
  t.notOk('AccessKeyId' in said)
  await daemon.signIn('dev-admin')
  t.match(JSON.parse((await get(`${ROLES}dev-admin`)).body), { Code: 'Success' })
})

t.test('a port of choice, and one that is taken', async (t) => {
  const wanted = await freePort()
  const opened = await open('dev-admin', wanted)
  t.equal(opened.port, wanted)
  const before = daemon.app.house.grants.list().length
  await t.rejects(open('dev-admin', wanted), { code: 'PortTaken', message: new RegExp(`:${wanted} `) })
  t.equal(daemon.app.house.grants.list().length, before, 'and no grant is left of it')
})

t.test('a connection of another user, or of nobody that is known, is refused', async (t) => {
  for (const owner of [12_345, undefined]) {
    const strange = await running({ peer: async () => owner })
    const { port: theirs } = await open('emergency', undefined, strange)
    t.equal((await ask('PUT', '/latest/api/token', [`${TTL}: 60`], theirs)).status, 403, `uid ${owner}`)
    await strange.stop()
  }
})

t.test('names of roles stand in addresses as they are', async (t) => {
  t.equal(roleNameOf('prod admin/äö "x"'), 'prod-admin-x-')
  t.equal(roleNameOf('a'.repeat(100)).length, 64)
  t.ok(id.length > 0)
})
