/** The loopback endpoint, byte for byte: who gets an answer, and how everybody else is refused. */
import { connect } from 'node:net'
import t from 'tap'
import { containerFailure } from '../../daemon/endpoints/failures.ts'
import { AuthError, type FailureCode, failures } from '../../shared/errors.ts'
import { raw } from '../helpers/raw.ts'
import { type Running, running } from '../helpers/running.ts'

let daemon: Running
let grant: { id: string; path: string; token: string }

t.before(async () => {
  daemon = await running()
  grant = await daemon.grant('emergency')
})
t.teardown(() => daemon.stop())

/** A request with the given lines; `HOST`, `TOKEN` and `PATH` stand for the right ones. */
function request(text: string): string {
  const filled = text
    .replaceAll('HOST', `127.0.0.1:${daemon.port}`)
    .replaceAll('TOKEN', grant.token)
    .replaceAll('PATH', grant.path)
    .replaceAll('PORT', String(daemon.port))
  return `${filled.trim().split('\n').join('\r\n')}\r\n\r\n`
}

const good = 'GET PATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'

t.test('the right request gets credentials in the exact form', async (t) => {
  const { status, headers, body } = await raw(daemon.port, request(good))
  t.equal(status, 200)
  t.equal(headers['content-type'], 'application/json')
  t.equal(headers['cache-control'], 'no-store')
  t.equal(headers['x-content-type-options'], 'nosniff')
  const parsed = JSON.parse(body) as Record<string, string>
  t.match(parsed, {
    AccessKeyId: /^ASIA/,
    SecretAccessKey: /.+/,
    Token: /.+/,
    Expiration: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  })
  t.notOk('Code' in parsed, 'no Code, which the Rust SDK would read')
  t.match(
    headers['keep-alive'] ?? '',
    /timeout=(?:[6-9]\d|\d{3,})/,
    'connections are kept for a minute and more',
  )
})

const accepted: [string, string][] = [
  ['no Accept and no User-Agent', good],
  ['Accept as botocore sends it', `${good}\nAccept: application/json\nAccept-Encoding: identity`],
  ['Sec-Fetch-Mode alone, as Node sends it', `${good}\nSec-Fetch-Mode: cors`],
  ['Sec-Fetch-Site: none', `${good}\nSec-Fetch-Site: none`],
  ['a query string', good.replace('PATH', 'PATH?a=b&c')],
  ['a small body, ignored', `${good}\nContent-Length: 2\n\n{}`],
  ['HTTP/1.0 with a Host', good.replace('HTTP/1.1', 'HTTP/1.0')],
]

t.test('accepted', async (t) => {
  for (const [name, text] of accepted) t.equal((await raw(daemon.port, request(text))).status, 200, name)
})

const refused: [string, number | number[], string][] = [
  ['no authorization', 403, 'GET PATH HTTP/1.1\nHost: HOST'],
  ['an empty authorization', 403, 'GET PATH HTTP/1.1\nHost: HOST\nAuthorization:'],
  ['a wrong token', 403, 'GET PATH HTTP/1.1\nHost: HOST\nAuthorization: wrong'],
  ['a scheme before the token', 403, 'GET PATH HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN'],
  ['something after the token', 403, `${good}x`],
  ['a token of 1000 characters', 403, `GET PATH HTTP/1.1\nHost: HOST\nAuthorization: ${'x'.repeat(1000)}`],
  ['two authorizations', 400, `${good}\nAuthorization: other`],
  ['an unknown grant', 403, 'GET /aws/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['an unknown path', 403, 'GET /latest/meta-data HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['the root', 403, 'GET / HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['a foreign Host', 403, 'GET PATH HTTP/1.1\nHost: evil.example\nAuthorization: TOKEN'],
  ['a foreign Host with our port', 403, 'GET PATH HTTP/1.1\nHost: evil.example:PORT\nAuthorization: TOKEN'],
  ['localhost', 403, 'GET PATH HTTP/1.1\nHost: localhost:PORT\nAuthorization: TOKEN'],
  ['the Host without its port', 403, 'GET PATH HTTP/1.1\nHost: 127.0.0.1\nAuthorization: TOKEN'],
  ['the Host with another port', 403, 'GET PATH HTTP/1.1\nHost: 127.0.0.1:1\nAuthorization: TOKEN'],
  ['no Host', 400, 'GET PATH HTTP/1.1\nAuthorization: TOKEN'],
  ['HTTP/1.0 without Host', 400, 'GET PATH HTTP/1.0\nAuthorization: TOKEN'],
  ['two Hosts', 400, `${good}\nHost: HOST`],
  ['two Hosts, a foreign one second', [400, 403], `${good}\nHost: evil.example`],
  ['an absolute-form target', 400, 'GET http://HOSTPATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  [
    'an absolute-form target elsewhere',
    400,
    'GET http://evil.example/ HTTP/1.1\nHost: HOST\nAuthorization: TOKEN',
  ],
  ['Origin', 403, `${good}\nOrigin: http://evil.example`],
  ['Origin: null', 403, `${good}\nOrigin: null`],
  ['our own Origin', 403, `${good}\nOrigin: http://HOST`],
  ['Referer', 403, `${good}\nReferer: http://HOST/`],
  ['X-Forwarded-For', 403, `${good}\nX-Forwarded-For: 127.0.0.1`],
  ['X-Forwarded-Host', 403, `${good}\nX-Forwarded-Host: HOST`],
  ['Forwarded', 403, `${good}\nForwarded: for=127.0.0.1`],
  ['Via', 403, `${good}\nVia: 1.1 proxy`],
  ['Sec-Fetch-Site: cross-site', 403, `${good}\nSec-Fetch-Site: cross-site`],
  ['Sec-Fetch-Site: same-origin', 403, `${good}\nSec-Fetch-Site: same-origin`],
  ['POST', 405, good.replace('GET', 'POST')],
  ['PUT', 405, good.replace('GET', 'PUT')],
  ['DELETE', 405, good.replace('GET', 'DELETE')],
  ['PATCH', 405, good.replace('GET', 'PATCH')],
  ['PROPFIND', 405, good.replace('GET', 'PROPFIND')],
  ['TRACE', 405, good.replace('GET', 'TRACE')],
  ['OPTIONS', [403, 405], `${good.replace('GET', 'OPTIONS')}\nAccess-Control-Request-Method: GET`],
  ['OPTIONS *', [400, 403, 405], 'OPTIONS * HTTP/1.1\nHost: HOST'],
  [
    'a preflight of a web page',
    403,
    'OPTIONS PATH HTTP/1.1\nHost: HOST\nOrigin: http://a.b\nAccess-Control-Request-Method: GET',
  ],
  ['a chunked body', 400, `${good}\nTransfer-Encoding: chunked\n\n0`],
  ['a body of 9 KiB', 413, `${good}\nContent-Length: 9000`],
  ['headers of 20 KiB', 431, `${good}\nX-Large: ${'x'.repeat(20_000)}`],
  ['a double slash', 403, good.replace('PATH', '/aws//x')],
  ['an encoded slash', 403, 'GET /aws%2FPATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['dots', 403, 'GET /x/..PATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['encoded dots', 403, 'GET /x/%2e%2ePATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['a broken percent sign', 403, 'GET /aws/%zz HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['a slash at the end', 403, good.replace('PATH', 'PATH/')],
  ['capital letters', 403, 'GET /AWS/x HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
  ['no HTTP at all', 400, 'hello there'],
]

t.test('refused, with nothing given away, and the next request is answered', async (t) => {
  for (const [name, expected, text] of refused) {
    const { status, headers, body, text: whole } = await raw(daemon.port, request(text))
    t.ok([expected].flat().includes(status), `${name}: ${status}`)
    t.notMatch(whole, /access-control/i, `${name}: no CORS header`)
    t.notOk(whole.includes(grant.token) || whole.includes('SecretAccessKey'), `${name}: nothing secret`)
    if (status === 403) {
      t.equal(headers['content-type'], 'application/json', name)
      const { code, message, Code, Message } = JSON.parse(body) as Record<string, string>
      t.ok(code && message && code === Code && message === Message, `${name}: ${message}`)
    }
    if (status === 405) t.equal(headers.allow, 'GET', name)
  }
  t.equal((await raw(daemon.port, request(good))).status, 200)
})

t.test('HEAD answers like GET, without a body', async (t) => {
  const { status, headers, body } = await raw(daemon.port, request(good.replace('GET', 'HEAD')))
  t.equal(status, 200)
  t.equal(headers['content-type'], 'application/json')
  t.equal(body, '')
})

t.test('an upgrade is refused', async (t) => {
  const upgrade = `${good}\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13`
  t.notMatch((await raw(daemon.port, request(upgrade))).text, /101|SecretAccessKey/)
})

t.test('two requests on one connection are both answered', async (t) => {
  const both = await new Promise<string>((resolve) => {
    let seen = ''
    const socket = connect(daemon.port, '127.0.0.1', () => socket.write(request(good) + request(good)))
    socket.on('data', (chunk) => {
      seen += chunk.toString()
      if ((seen.match(/"AccessKeyId"/g)?.length ?? 0) === 2) socket.destroy()
    })
    socket.setTimeout(2_000, () => socket.destroy())
    socket.once('close', () => resolve(seen))
  })
  t.equal(both.match(/HTTP\/1\.1 200/g)?.length, 2)
})

t.test('a hundred at once get the same credential', async (t) => {
  const before = daemon.cloud.calls()
  const answers = await Promise.all(Array.from({ length: 100 }, () => raw(daemon.port, request(good), 3_000)))
  t.strictSame([...new Set(answers.map(({ status }) => status))], [200])
  t.equal(new Set(answers.map(({ body }) => body)).size, 1)
  t.equal(daemon.cloud.calls(), before, 'and the cloud was not asked')
})

t.test('a revoked grant is refused at once', async (t) => {
  const other = await daemon.grant('emergency')
  const ask = () =>
    raw(
      daemon.port,
      `GET ${other.path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: ${other.token}\r\n\r\n`,
    )
  t.equal((await ask()).status, 200)
  await daemon.app.house.grants.revoke(({ id }) => id === other.id)
  t.equal((await ask()).status, 403)
})

t.test('a connection of another user is refused, and of one that cannot be found', async (t) => {
  for (const uid of [12_345, undefined]) {
    let asked = 0
    const guarded = await running({
      peer: async () => {
        asked += 1
        return uid
      },
    })
    t.teardown(() => guarded.stop())
    const its = await guarded.grant('emergency')
    const text = `GET ${its.path} HTTP/1.1\r\nHost: 127.0.0.1:${guarded.port}\r\nAuthorization: ${its.token}\r\n\r\n`
    const { status, body } = await raw(guarded.port, text)
    t.equal(status, 403, String(uid))
    t.notMatch(body, /SecretAccessKey/)
    t.equal(asked, 1, 'asked once')
  }
})

t.test('the peer is looked up once a connection', async (t) => {
  let asked = 0
  const guarded = await running({
    peer: async () => {
      asked += 1
      return process.getuid?.()
    },
  })
  t.teardown(() => guarded.stop())
  const its = await guarded.grant('emergency')
  const text = `GET ${its.path} HTTP/1.1\r\nHost: 127.0.0.1:${guarded.port}\r\nAuthorization: ${its.token}\r\n\r\n`
  await new Promise<void>((resolve) => {
    let seen = ''
    const socket = connect(guarded.port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => {
      seen += chunk.toString()
      const count = seen.match(/"AccessKeyId"/g)?.length ?? 0
      if (count === 3) socket.destroy()
      else if (seen.endsWith('}')) socket.write(text)
    })
    socket.once('close', () => resolve())
  })
  t.equal(asked, 1)
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
