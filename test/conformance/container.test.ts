/** The container credentials endpoint, byte for byte: what a tool gets, and what it is told where it gets nothing. */
import t from 'tap'
import { environmentOf } from '../../client/environment/environment.ts'
import { containerFailure } from '../../daemon/endpoints/failures.ts'
import { issueGrant } from '../../daemon/operations/grant.ts'
import { parseAddress } from '../../daemon/system/listen.ts'
import { AuthError, type FailureCode, failures } from '../../shared/errors.ts'
import { ask, askContainer } from '../helpers/asking.ts'
import { type Running, running } from '../helpers/running.ts'

let daemon: Running
let grant: { id: string; path: string; token: string }

t.before(async () => {
  daemon = await running()
  grant = await daemon.grant('emergency')
})
t.teardown(() => daemon.stop())

const get = (...lines: string[]) => askContainer(daemon, grant, { lines })
const without = (...lines: string[]) => ask(daemon.port, { path: grant.path, lines })

t.test('26: the right request gets the four values that every SDK wants', async (t) => {
  const { status, body } = await get()
  t.equal(status, 200)
  t.match(JSON.parse(body), { AccessKeyId: /^ASIA/, SecretAccessKey: /./, Token: /./, Expiration: /./ })
})

t.test('27: the end is in UTC, in whole seconds, with a Z', async (t) => {
  const { Expiration } = JSON.parse((await get()).body)
  t.match(Expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  t.ok(Date.parse(Expiration) > Date.now())
})

t.test('28, 29: the account is in it where it is known, and no role', async (t) => {
  await daemon.signIn('dev-admin')
  const fields = ['AccessKeyId', 'Expiration', 'SecretAccessKey', 'Token']
  const role = JSON.parse((await askContainer(daemon, await daemon.grant('dev-admin'))).body)
  t.match(role.AccountId, /^\d{12}$/)
  t.strictSame(Object.keys(role).sort(), ['AccessKeyId', 'AccountId', ...fields.slice(1)])
  t.strictSame(Object.keys(JSON.parse((await get()).body)).sort(), fields, 'STS does not tell a user’s')
})

t.test('30: success is 200, whatever part or version is asked for', async (t) => {
  const lines = ['Range: bytes=0-1', 'If-None-Match: *', 'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT']
  for (const line of lines) t.equal((await get(line)).status, 200, line)
})

t.test('31: a wrong authorization is 403, told in both spellings', async (t) => {
  const { status, headers, body } = await without('Authorization: wrong')
  t.equal(status, 403)
  t.equal(headers['content-type'], 'application/json')
  const { code, message, Code, Message } = JSON.parse(body)
  t.strictSame([code, message], ['GrantRevoked', Message])
  t.equal(Code, code)
  t.match(message, /not valid.*`atmosctl exec`/)
})

t.test('32: so is none, and who asks without is not locked out', async (t) => {
  for (let turn = 0; turn < 50; turn++) {
    const { status, body } = await without(...(turn % 2 ? ['Authorization:'] : []))
    if (status !== 403) t.fail(`${status} ${body}`)
    if (turn === 0) t.match(JSON.parse(body), { code: 'GrantRevoked', message: /missing/ })
  }
  t.equal((await get()).status, 200)
})

t.test('33: the authorization is compared as it is, scheme and all', async (t) => {
  const wrong = [`Bearer ${grant.token}`, `${grant.token}x`, grant.token.slice(1), grant.token.toUpperCase()]
  for (const value of [...wrong, 'x'.repeat(1_000)])
    t.equal((await without(`Authorization: ${value}`)).status, 403, value.slice(0, 20))
})

t.test('34: an unknown grant is 403 and not 404, of which Java shows nothing', async (t) => {
  for (const path of ['/aws/AAAAAAAAAAAAAAAAAAAAAA', '/aws/', '/aws', '/', '/latest/meta-data'])
    t.equal((await askContainer(daemon, grant, { path })).status, 403, path)
})

t.test('35: credentials are got, and nothing else', async (t) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const { status, headers } = await askContainer(daemon, grant, { method })
    t.strictSame([status, headers.allow], [405, 'GET'], method)
  }
})

t.test('36: a query is tolerated', async (t) => {
  const path = `${grant.path}?a=b&c`
  t.equal((await askContainer(daemon, grant, { path })).status, 200)
})

t.test('37: the token is one that every SDK sends: no line break, no space', async (t) => {
  t.match(grant.token, /^[\w-]{43}$/)
})

t.test('45, 46: what a client says of itself and of what it takes changes nothing', async (t) => {
  const { body } = await get()
  const rows = [
    ['Accept: application/json', 'Accept-Encoding: identity', 'User-Agent: python-urllib3/2'],
    ['Accept: text/html', 'Accept-Encoding: gzip, br'],
    ['Accept: */*', 'Connection: keep-alive'],
    ['Amz-Sdk-Request: attempt=1; max=3', 'Amz-Sdk-Invocation-Id: x'],
  ]
  for (const lines of rows) t.equal((await get(...lines)).body, body, String(lines))
})

t.test('48, 49: addresses that a tool is given are of this machine, never link-local ones', async (t) => {
  for (const dialect of ['aws-container', 'aws-imds'] as const) {
    const { workspace } = daemon
    const reply = await issueGrant(daemon.app.house, { workspace, identity: 'emergency', dialect })
    const { set } = environmentOf(reply, {})
    const addresses = Object.values(set).filter((value) => /^https?:/.test(value))
    t.equal(addresses.length, 1)
    t.match(addresses[0], /^http:\/\/127\.0\.0\.1:\d+\//)
  }
  for (const host of ['169.254.1.1', '169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', 'localhost'])
    t.throws(() => parseAddress(`${host}:80`), { code: 'Usage' }, host)
})

t.test('54: who asks again gets the same, and the cloud is not asked', async (t) => {
  const before = daemon.cloud.calls()
  const bodies = new Set<string>()
  for (let turn = 0; turn < 20; turn++) bodies.add((await get()).body)
  t.equal(bodies.size, 1)
  t.equal(daemon.cloud.calls(), before)
})

t.test('56: a revoked grant is refused at once, whatever is held', async (t) => {
  const other = await daemon.grant('emergency')
  t.equal((await askContainer(daemon, other)).status, 200)
  await daemon.app.house.grants.revoke(({ id }) => id === other.id)
  t.match(await askContainer(daemon, other), { status: 403, body: /"code":"GrantRevoked"/ })
  t.equal((await get()).status, 200, 'and no other with it')
})

t.test('57: success has no Code, which the Rust SDK would take for a failure', async (t) => {
  const said = JSON.parse((await get()).body)
  t.notOk('Code' in said || 'code' in said)
})

t.test('every failure has an answer of this dialect that SDKs understand', async (t) => {
  for (const code of Object.keys(failures) as FailureCode[]) {
    const { status, headers, body } = containerFailure(
      new AuthError(code, `a\u001b[31m${'x'.repeat(900)}\r\n`, { hint: 'b' }),
    )
    t.ok([400, 403, 405, 500, 503].includes(status), `${code}: ${status}`)
    t.equal(status === 503, failures[code].retryable, `${code}: 503 for what will pass, and for nothing else`)
    t.equal('Retry-After' in headers, status === 503, code)
    t.ok(body.length <= 1_100, code)
    t.notMatch(JSON.parse(body.toString()).message, /\p{Cc}/u, code)
  }
})
