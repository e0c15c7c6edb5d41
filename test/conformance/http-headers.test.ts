/** What else a request may carry, on any endpoint, and what no answer does. */
import t from 'tap'
import { Secret } from '../../shared/secret.ts'
import { ask, askContainer } from '../helpers/asking.ts'
import { type Endpoints, endpoints, good, METHODS } from '../helpers/endpoints.ts'

let all: Endpoints

t.before(async () => {
  all = await endpoints()
})
t.teardown(() => all.daemon.stop())

t.test('6: any Origin, on every route and method', async (t) => {
  const origins = ['http://evil.example', 'null', `http://127.0.0.1:${all.daemon.port}`]
  await all.refusedEverywhere(
    t,
    origins.map((origin) => `Origin: ${origin}`),
  )
})

t.test('7: Sec-Fetch-Site but none, while Sec-Fetch-Mode alone is Node’s', async (t) => {
  const sites = ['cross-site', 'same-site', 'same-origin', '']
  await all.refusedEverywhere(
    t,
    sites.map((site) => `Sec-Fetch-Site: ${site}`),
  )
  for (const line of ['Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: none'])
    t.equal((await askContainer(all.daemon, all.grant, { lines: [line] })).status, 200, line)
  const url = `http://127.0.0.1:${all.daemon.port}${all.grant.path}`
  t.equal((await fetch(url, { headers: { authorization: all.grant.token } })).status, 200, 'fetch itself')
})

t.test('8: a Referer, on every route and method', (t) =>
  all.refusedEverywhere(t, ['Referer: http://127.0.0.1/']),
)

t.test('9: what a proxy adds, on every route and method', (t) =>
  all.refusedEverywhere(t, [
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Host: 127.0.0.1',
    'Forwarded: for=127.0.0.1',
    'Via: 1.1 proxy',
  ]),
)

t.test('10: OPTIONS is refused, and no answer is for another site to read', async (t) => {
  for (const { port, path, lines } of all.places)
    for (const method of METHODS) {
      const { status, text } = await ask(port, { method, path, lines })
      t.notMatch(text, /access-control/i, `${method} ${path}`)
      if (method === 'OPTIONS') t.ok([403, 405].includes(status), `${path}: ${status}`)
    }
  const preflight = ['Origin: http://evil.example', 'Access-Control-Request-Method: GET']
  const { status, text } = await askContainer(all.daemon, all.grant, { method: 'OPTIONS', lines: preflight })
  t.equal(status, 403)
  t.notMatch(text, /access-control/i)
  await all.refused(t, [['of the whole server', [400, 403, 405], 'OPTIONS * HTTP/1.1\nHost: HOST']])
})

t.test('11: no answer is a redirect, but that of a door to the console', async (t) => {
  for (const { port, path, lines } of all.places)
    for (const method of METHODS)
      for (const written of [path, `${path}/`, `${path}?x=//evil.example`, `/${path}`]) {
        const { status, headers } = await ask(port, { method, path: written, lines })
        if ((status >= 300 && status < 400) || 'location' in headers)
          t.fail(`${method} ${written}: ${status}`)
      }
  const door = all.daemon.app.house.doors.open(new Secret('https://console.example/'), Date.now() + 60_000)
  const { status, headers } = await ask(all.daemon.port, { path: `/console/${door}` })
  t.match([status, headers], [303, { location: 'https://console.example/' }])
})

t.test('16: two Authorizations', async (t) => {
  await all.refused(t, [
    ['another', 400, `${good}\nAuthorization: other`],
    ['the same', 400, `${good}\nAuthorization: TOKEN`],
  ])
})

t.test('17: at neither endpoint of AWS is Google’s metadata, however often its header stands', async (t) => {
  const path = '/computeMetadata/v1/instance/service-accounts/default/token'
  for (const lines of [['Metadata-Flavor: Google'], ['Metadata-Flavor: Google', 'Metadata-Flavor: x']]) {
    t.equal((await ask(all.daemon.port, { path, lines })).status, 403)
    t.equal((await ask(all.imds.port, { path, lines })).status, 401)
  }
})
