/** Tokens of the metadata service, byte for byte: who gets one, for how long, and who is refused without. */
import { connect } from 'node:net'
import t from 'tap'
import { imdsTokens } from '../../daemon/endpoints/imds-tokens.ts'
import { revokeGrants } from '../../daemon/operations/grant.ts'
import { type Metadata, metadataOf, ROLES, TTL } from '../helpers/asking.ts'
import { aheadClock, manualClock } from '../helpers/clock.ts'
import { type Running, running } from '../helpers/running.ts'

const TOKEN_PATH = '/latest/api/token'

const clock = aheadClock()
let daemon: Running
let imds: Metadata

t.before(async () => {
  daemon = await running({ clock, cloud: { now: clock.now } })
  imds = await metadataOf(daemon, 'emergency')
})
t.teardown(() => daemon.stop())

const withToken = (token: string) => [`X-aws-ec2-metadata-token: ${token}`]
const put = (...lines: string[]) => imds.ask('PUT', TOKEN_PATH, lines)

t.test('60: a token for a time to live, which is told again', async (t) => {
  for (const ttl of ['21600', '1', '300']) {
    const { status, headers, body } = await put(`${TTL}: ${ttl}`)
    t.equal(status, 200, ttl)
    t.equal(headers['content-type'], 'text/plain')
    t.equal(headers['x-aws-ec2-metadata-token-ttl-seconds'], ttl)
    t.match(body, /^[\w-]{40,}$/, 'without a line break')
  }
  const form = ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 0']
  t.equal((await put(`${TTL}: 60`, ...form)).status, 200, 'as curl and others send it')
})

t.test('61: none without a time to live', async (t) => {
  const { status, body } = await put()
  t.equal(status, 400)
  t.match(body, /^400 - Missing or Invalid Parameters/)
})

t.test('62: none for a time that is no number from 1 to 21600', async (t) => {
  for (const ttl of ['0', '-1', '21601', 'abc', '', '1.5', '1e2', ' ', '99999999999'])
    t.equal((await put(`${TTL}: ${ttl}`)).status, 400, `ttl ${ttl}`)
  t.equal((await put(`${TTL}: 5`, `${TTL}: 5`)).status, 400, 'two of them')
})

t.test('63: a second is long enough, and then it is over', async (t) => {
  const token = await imds.token(1)
  const listing = () => imds.ask('GET', ROLES, withToken(token))
  t.equal((await listing()).status, 200)
  clock.turn(1_001)
  t.equal((await listing()).status, 401)
})

t.test('64: none by way of a proxy', async (t) => {
  for (const line of ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-For:'])
    t.equal((await put(`${TTL}: 60`, line)).status, 403, line)
})

t.test('65: none at a dated version', async (t) => {
  for (const path of ['/2021-01-03/api/token', '/1.0/api/token'])
    t.equal((await imds.ask('PUT', path, [`${TTL}: 60`])).status, 403, path)
})

t.test('66: a token is PUT for, and nothing else', async (t) => {
  for (const method of ['POST', 'GET', 'DELETE', 'PATCH']) {
    const { status, headers } = await imds.ask(method, TOKEN_PATH, [`${TTL}: 60`])
    t.equal(status, 405, method)
    t.equal(headers.allow, 'PUT', method)
  }
})

t.test('67: data is read, and nothing else', async (t) => {
  const token = withToken(await imds.token())
  for (const method of ['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])
    for (const path of [ROLES, `${ROLES}emergency`, '/latest/'])
      t.equal((await imds.ask(method, path, token)).status, 405, `${method} ${path}`)
})

t.test('68: nothing without a token, not even which paths there are', async (t) => {
  for (const path of ['/', ROLES, `${ROLES}emergency`, '/latest/nothing'])
    for (const lines of [[], ['X-aws-ec2-metadata-token:']]) {
      const { status, text } = await imds.ask('GET', path, lines)
      t.equal(status, 401, path)
      t.notMatch(text, /emergency|SecretAccessKey/)
    }
})

t.test('69: a wrong token is 401, never the 403 that would have SDKs go back to version 1', async (t) => {
  for (const token of ['A'.repeat(54), 'A'.repeat(4_000), 'ä', `${await imds.token()}A`])
    t.equal((await imds.ask('GET', ROLES, withToken(token))).status, 401, token.slice(0, 60))
  const two = [...withToken(await imds.token()), ...withToken(await imds.token())]
  t.equal((await imds.ask('GET', ROLES, two)).status, 401, 'two of them')
})

t.test('71: of a grant that has ended there is nothing, and then its port is closed', async (t) => {
  const ending = await metadataOf(daemon, 'emergency')
  const [grant] = daemon.app.house.grants.list().filter((one) => one.id === ending.id)
  if (!grant) throw new Error('no grant')
  const token = await ending.token()
  grant.expiresAt = clock.now()
  t.equal((await ending.ask('PUT', TOKEN_PATH, [`${TTL}: 60`])).status, 403)
  t.equal((await ending.ask('GET', ROLES, withToken(token))).status, 403)
  const kept = connect({ port: ending.port, host: '127.0.0.1' })
  await new Promise((resolve) => kept.once('connect', resolve))
  const closed = new Promise((resolve) => kept.once('close', resolve))
  await revokeGrants(daemon.app.house, (one) => one.id === ending.id)
  await closed
  t.pass('what was connected is cut off')
  await t.rejects(ending.ask('GET', ROLES), { code: 'ECONNREFUSED' })
})

t.test('72: a token is good for every path and connection, of its own port alone', async (t) => {
  const other = await metadataOf(daemon, 'emergency')
  const token = withToken(await imds.token())
  for (const path of ['/', '/latest/', ROLES, `${ROLES}emergency`])
    t.equal((await imds.ask('GET', path, token)).status, 200, path)
  t.equal((await other.ask('GET', ROLES, token)).status, 401)
  await revokeGrants(daemon.app.house, ({ id }) => id === other.id)
})

t.test('73: a token is signed with 256 bits of its port’s own, and every character counts', async (t) => {
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

t.test('93: version 1 is off, and there is nothing that turns it on', async (t) => {
  for (const path of [ROLES, `${ROLES}emergency`, '/latest/meta-data/placement/region'])
    t.equal((await imds.ask('GET', path)).status, 401, path)
  for (const line of ['Host: evil.example', 'Origin: http://evil.example', 'Referer: http://evil.example/'])
    t.ok([400, 403].includes((await imds.ask('GET', ROLES, [line])).status), line)
})
