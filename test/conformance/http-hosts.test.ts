/** Whose name and which path a request may carry, on any endpoint. */
import t from 'tap'
import { TTL } from '../helpers/asking.ts'
import { type Endpoints, endpoints, good } from '../helpers/endpoints.ts'
import { raw } from '../helpers/raw.ts'

let all: Endpoints

t.before(async () => {
  all = await endpoints()
})
t.teardown(() => all.daemon.stop())

t.test('1: any Host but the address itself is refused before anything else', async (t) => {
  await all.refused(t, [
    ['a foreign one', 403, 'GET PATH HTTP/1.1\nHost: evil.example\nAuthorization: TOKEN'],
    ['a foreign one with our port', 403, 'GET PATH HTTP/1.1\nHost: evil.example:PORT\nAuthorization: TOKEN'],
    ['the machine’s metadata', 403, 'GET PATH HTTP/1.1\nHost: 169.254.169.254\nAuthorization: TOKEN'],
    ['Google’s metadata', 403, 'GET PATH HTTP/1.1\nHost: metadata.google.internal\nAuthorization: TOKEN'],
    ['IPv6, where nobody listens', 403, 'GET PATH HTTP/1.1\nHost: [::1]:PORT\nAuthorization: TOKEN'],
    ['without routing', 403, 'GET /nothing HTTP/1.1\nHost: evil.example'],
  ])
  const put = `PUT /latest/api/token HTTP/1.1\r\nHost: evil.example\r\n${TTL}: 5\r\n\r\n`
  t.equal((await raw(all.imds.port, put)).status, 403, 'the Host of a page whose name was made to point here')
})

t.test('2: the Host is compared with its port, and localhost is nobody’s', async (t) => {
  await all.refused(t, [
    ['localhost', 403, 'GET PATH HTTP/1.1\nHost: localhost:PORT\nAuthorization: TOKEN'],
    ['without its port', 403, 'GET PATH HTTP/1.1\nHost: 127.0.0.1\nAuthorization: TOKEN'],
    ['with another port', 403, 'GET PATH HTTP/1.1\nHost: 127.0.0.1:1\nAuthorization: TOKEN'],
  ])
})

t.test('3: no Host, in either version of HTTP', async (t) => {
  await all.refused(t, [
    ['1.1', 400, 'GET PATH HTTP/1.1\nAuthorization: TOKEN'],
    ['1.0', 400, 'GET PATH HTTP/1.0\nAuthorization: TOKEN'],
    ['an empty one', 403, 'GET PATH HTTP/1.1\nHost:\nAuthorization: TOKEN'],
  ])
  t.equal((await all.send(good.replace('HTTP/1.1', 'HTTP/1.0'))).status, 200, '1.0 with a Host')
})

t.test('4: two Hosts', async (t) => {
  await all.refused(t, [
    ['the same', 400, `${good}\nHost: HOST`],
    ['a foreign one second', [400, 403], `${good}\nHost: evil.example`],
    ['a foreign one first', 403, good.replace('Host', 'Host: evil.example\nHost')],
  ])
})

t.test('5: an absolute target', async (t) => {
  await all.refused(t, [
    ['ours', 400, 'GET http://HOSTPATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
    ['elsewhere', 400, 'GET http://evil.example/ HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'],
    ['a tunnel', [0, 400, 403, 405], 'CONNECT evil.example:443 HTTP/1.1\nHost: HOST'],
  ])
  t.equal((await all.imds.ask('GET', `http://127.0.0.1:${all.imds.port}/latest/`)).status, 400)
})

t.test(
  '15: a path is taken as it is written, but that //latest/ is what Java makes of our address',
  async (t) => {
    await all.refused(t, [
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
      t.equal((await all.imds.get(path)).status, 404, path)
    t.equal((await all.imds.get('//latest/')).body, (await all.imds.get('/latest/')).body)
  },
)
