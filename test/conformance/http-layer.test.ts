/** What every endpoint has in common, byte for byte: who is answered at all, and how everybody else is refused. */
import t, { type Test } from 'tap'
import { refusalOf } from '../../daemon/endpoints/guards.ts'
import { parseAddress } from '../../daemon/system/listen.ts'
import { Secret } from '../../shared/secret.ts'
import { type Asked, ask, askContainer, type Metadata, metadataOf, ROLES, TTL } from '../helpers/asking.ts'
import { raw } from '../helpers/raw.ts'
import { type Running, running } from '../helpers/running.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'TRACE', 'OPTIONS']

let daemon: Running
let grant: { id: string; path: string; token: string }
let imds: Metadata
let places: (Required<Pick<Asked, 'lines' | 'path'>> & { port: number })[]

t.before(async () => {
  daemon = await running()
  grant = await daemon.grant('emergency')
  imds = await metadataOf(daemon, 'emergency')
  const [secret, token] = [`Authorization: ${grant.token}`, `X-aws-ec2-metadata-token: ${await imds.token()}`]
  places = [
    { port: daemon.port, path: grant.path, lines: [secret] },
    { port: daemon.port, path: '/aws/unknown', lines: [secret] },
    { port: daemon.port, path: '/console/x', lines: [] },
    { port: daemon.port, path: '/', lines: [] },
    { port: imds.port, path: '/latest/api/token', lines: [`${TTL}: 60`] },
    { port: imds.port, path: ROLES, lines: [token] },
    { port: imds.port, path: '/nothing', lines: [token] },
  ]
})
t.teardown(() => daemon.stop())

/** A request whose lines stand there as they are; `HOST`, `TOKEN`, `PATH` and `PORT` mean the right ones. */
function request(text: string): string {
  const filled = text
    .replaceAll('HOST', `127.0.0.1:${daemon.port}`)
    .replaceAll('TOKEN', grant.token)
    .replaceAll('PATH', grant.path)
    .replaceAll('PORT', String(daemon.port))
  return `${filled.trim().split('\n').join('\r\n')}\r\n\r\n`
}

const good = 'GET PATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'

/** Each request is refused with its status and gives nothing away, and the next is answered. */
async function refused(t: Test, rows: readonly [name: string, status: number | number[], text: string][]) {
  for (const [name, expected, text] of rows) {
    const { status, text: whole } = await raw(daemon.port, request(text))
    t.ok([expected].flat().includes(status), `${name}: ${status}`)
    t.notOk(whole.includes(grant.token) || whole.includes('SecretAccessKey'), `${name}: nothing secret`)
  }
  t.equal((await raw(daemon.port, request(good))).status, 200)
}

/** Each header alone has every route and method of every endpoint answer 403. */
async function refusedEverywhere(t: Test, headers: readonly string[]) {
  for (const { port, path, lines } of places)
    for (const method of METHODS)
      for (const header of headers) {
        const { status, text } = await ask(port, { method, path, lines: [...lines, header] })
        if (status !== 403 || /SecretAccessKey|ASIA/.test(text))
          t.fail(`${header} on ${method} ${path}: ${status}`)
      }
  t.equal((await raw(daemon.port, request(good))).status, 200)
}

t.test('1: any Host but the address itself is refused before anything else', async (t) => {
  await refused(t, [
    ['a foreign one', 403, 'GET PATH HTTP/1.1\nHost: evil.example\nAuthorization: TOKEN'],
    ['a foreign one with our port', 403, 'GET PATH HTTP/1.1\nHost: evil.example:PORT\nAuthorization: TOKEN'],
    ['the machine’s metadata', 403, 'GET PATH HTTP/1.1\nHost: 169.254.169.254\nAuthorization: TOKEN'],
    ['Google’s metadata', 403, 'GET PATH HTTP/1.1\nHost: metadata.google.internal\nAuthorization: TOKEN'],
    ['IPv6, where nobody listens', 403, 'GET PATH HTTP/1.1\nHost: [::1]:PORT\nAuthorization: TOKEN'],
    ['without routing', 403, 'GET /nothing HTTP/1.1\nHost: evil.example'],
  ])
  const put = `PUT /latest/api/token HTTP/1.1\r\nHost: evil.example\r\n${TTL}: 5\r\n\r\n`
  t.equal((await raw(imds.port, put)).status, 403, 'the Host of a page whose name was made to point here')
})

t.test('2: the Host is compared with its port, and localhost is nobody’s', async (t) => {
  await refused(t, [
    ['localhost', 403, 'GET PATH HTTP/1.1\nHost: localhost:PORT\nAuthorization: TOKEN'],
    ['without its port', 403, 'GET PATH HTTP/1.1\nHost: 127.0.0.1\nAuthorization: TOKEN'],
    ['with another port', 403, 'GET PATH HTTP/1.1\nHost: 127.0.0.1:1\nAuthorization: TOKEN'],
  ])
})

t.test('3: no Host, in either version of HTTP', async (t) => {
  await refused(t, [
    ['1.1', 400, 'GET PATH HTTP/1.1\nAuthorization: TOKEN'],
    ['1.0', 400, 'GET PATH HTTP/1.0\nAuthorization: TOKEN'],
    ['an empty one', 403, 'GET PATH HTTP/1.1\nHost:\nAuthorization: TOKEN'],
  ])
  t.equal(
    (await raw(daemon.port, request(good.replace('HTTP/1.1', 'HTTP/1.0')))).status,
    200,
    '1.0 with a Host',
  )
})

t.test('4: two Hosts', async (t) => {
  await refused(t, [
    ['the same', 400, `${good}\nHost: HOST`],
    ['a foreign one second', [400, 403], `${good}\nHost: evil.example`],
    ['a foreign one first', 403, good.replace('Host', 'Host: evil.example\nHost')],
  ])
})

t.test('5: an absolute target', async (t) => {
  await refused(t, [
    ['ours', 400, 'GET http://HOSTPATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
    ['elsewhere', 400, 'GET http://evil.example/ HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
    ['a tunnel', [0, 400, 403, 405], 'CONNECT evil.example:443 HTTP/1.1\nHost: HOST'],
  ])
  t.equal((await imds.ask('GET', `http://127.0.0.1:${imds.port}/latest/`)).status, 400)
})

t.test('6: any Origin, on every route and method', async (t) => {
  const origins = ['http://evil.example', 'null', `http://127.0.0.1:${daemon.port}`]
  await refusedEverywhere(
    t,
    origins.map((origin) => `Origin: ${origin}`),
  )
})

t.test('7: Sec-Fetch-Site but none, while Sec-Fetch-Mode alone is Node’s', async (t) => {
  const sites = ['cross-site', 'same-site', 'same-origin', '']
  await refusedEverywhere(
    t,
    sites.map((site) => `Sec-Fetch-Site: ${site}`),
  )
  for (const line of ['Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: none'])
    t.equal((await askContainer(daemon, grant, { lines: [line] })).status, 200, line)
  const url = `http://127.0.0.1:${daemon.port}${grant.path}`
  t.equal((await fetch(url, { headers: { authorization: grant.token } })).status, 200, 'fetch itself')
})

t.test('8: a Referer, on every route and method', (t) => refusedEverywhere(t, ['Referer: http://127.0.0.1/']))

t.test('9: what a proxy adds, on every route and method', (t) =>
  refusedEverywhere(t, [
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Host: 127.0.0.1',
    'Forwarded: for=127.0.0.1',
    'Via: 1.1 proxy',
  ]),
)

t.test('10: OPTIONS is refused, and no answer is for another site to read', async (t) => {
  for (const { port, path, lines } of places)
    for (const method of METHODS) {
      const { status, text } = await ask(port, { method, path, lines })
      t.notMatch(text, /access-control/i, `${method} ${path}`)
      if (method === 'OPTIONS') t.ok([403, 405].includes(status), `${path}: ${status}`)
    }
  const preflight = ['Origin: http://evil.example', 'Access-Control-Request-Method: GET']
  const { status, text } = await askContainer(daemon, grant, { method: 'OPTIONS', lines: preflight })
  t.equal(status, 403)
  t.notMatch(text, /access-control/i)
  await refused(t, [['of the whole server', [400, 403, 405], 'OPTIONS * HTTP/1.1\nHost: HOST']])
})

t.test('11: no answer is a redirect, but that of a door to the console', async (t) => {
  for (const { port, path, lines } of places)
    for (const method of METHODS)
      for (const written of [path, `${path}/`, `${path}?x=//evil.example`, `/${path}`]) {
        const { status, headers } = await ask(port, { method, path: written, lines })
        if ((status >= 300 && status < 400) || 'location' in headers)
          t.fail(`${method} ${written}: ${status}`)
      }
  const door = daemon.app.house.doors.open(new Secret('https://console.example/'), Date.now() + 60_000)
  const { status, headers } = await ask(daemon.port, { path: `/console/${door}` })
  t.match([status, headers], [303, { location: 'https://console.example/' }])
})

t.test('13: only this machine: no other address is listened on, and none is answered', async (t) => {
  for (const wanted of ['0.0.0.0:1', '10.0.0.1:1', '[::]:1', '192.168.0.1:1'])
    t.throws(() => parseAddress(wanted), { code: 'Usage' }, wanted)
  const asked = { method: 'GET', url: '/', rawHeaders: ['Host', 'a:1'] }
  for (const remoteAddress of ['10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '', undefined])
    t.match(refusalOf({ ...asked, remoteAddress }, 'a:1'), { code: 'Forbidden' }, String(remoteAddress))
  for (const remoteAddress of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])
    t.equal(refusalOf({ ...asked, remoteAddress }, 'a:1'), undefined, remoteAddress)
})

t.test(
  '15: a path is taken as it is written, but that //latest/ is what Java makes of our address',
  async (t) => {
    await refused(t, [
      ['a double slash', 403, good.replace('PATH', '/aws//x')],
      ['a double slash before', 403, good.replace('PATH', '/PATH')],
      ['an encoded slash', 403, 'GET /aws%2FPATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
      ['dots', 403, 'GET /x/..PATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
      ['encoded dots', 403, 'GET /x/%2e%2ePATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
      ['a broken percent sign', 403, 'GET /aws/%zz HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
      ['a slash at the end', 403, good.replace('PATH', 'PATH/')],
      ['capital letters', 403, 'GET /AWS/x HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
    ])
    for (const path of [
      '/x/../latest/',
      '//x/',
      '///latest/',
      '/latest//',
      '/LATEST/',
      '/latest/%6deta-data/',
    ])
      t.equal((await imds.get(path)).status, 404, path)
    t.equal((await imds.get('//latest/')).body, (await imds.get('/latest/')).body)
  },
)

t.test('16: two Authorizations', async (t) => {
  await refused(t, [
    ['another', 400, `${good}\nAuthorization: other`],
    ['the same', 400, `${good}\nAuthorization: TOKEN`],
  ])
})

t.test('17: Google’s metadata is nobody’s here, however often its header stands', async (t) => {
  const path = '/computeMetadata/v1/instance/service-accounts/default/token'
  for (const lines of [['Metadata-Flavor: Google'], ['Metadata-Flavor: Google', 'Metadata-Flavor: x']]) {
    t.equal((await ask(daemon.port, { path, lines })).status, 403)
    t.equal((await ask(imds.port, { path, lines })).status, 401)
  }
})
