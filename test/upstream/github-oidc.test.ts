/** GitHub's token endpoint over real HTTP (protocols.md §7.11, 238–242), answered by a server that the test plays. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Clock } from '../../daemon/system/clock.ts'
import { idTokenRequest, idTokenUrl, processIdToken } from '../../daemon/upstream/github-oidc.ts'
import { asAuthError } from '../../shared/errors.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { seededRandom } from '../helpers/random.ts'

const NOW = Date.UTC(2026, 0, 1)
const jwt = (exp: unknown = NOW / 1000 + 300) => signedJwt({ exp })

type Play = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** Asks a server that does what `play` says. */
async function asked(t: { teardown(work: () => void): void }, play: Play, audience = 'sts.amazonaws.com') {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    play(request, response, seen.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const waits: number[] = []
  const job = {
    url: `http://127.0.0.1:${port}/idtoken?api-version=2.0`,
    requestToken: 'job-secret',
    audience,
    clock: hurried(waits),
    random: seededRandom(1),
    signal: new AbortController().signal,
  }
  const work = idTokenRequest(job).then(
    (token) => ({ token, error: undefined }),
    (error: unknown) => ({ token: undefined, error: asAuthError(error) }),
  )
  return { ...(await work), seen, waits }
}

/** Back-off is over at once and noted; the time limit of an exchange, which is longer, never comes. */
function hurried(waits: number[]): Clock {
  return {
    now: () => NOW,
    monotonic: () => 0,
    every: () => () => {},
    sleep(ms, signal) {
      if (ms < 10_000) return Promise.resolve(void waits.push(ms))
      return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))
    },
  }
}

const gives =
  (value: string, status = 200): Play =>
  (_, response) =>
    void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ value }))

t.test(
  '238, 239: the audience after what the address has, the secret of the job, and nothing of ours',
  async (t) => {
    const { token, seen } = await asked(t, gives(jwt()), 'api://Azure AD/ß&x=1')
    t.equal(seen[0]?.url, '/idtoken?api-version=2.0&audience=api%3A%2F%2FAzure%20AD%2F%C3%9F%26x%3D1')
    t.equal(seen[0]?.method, 'GET')
    t.equal(seen[0]?.headers.authorization, 'Bearer job-secret')
    t.equal(seen[0]?.headers.connection, 'close', 'no connection stays')
    t.match(token, { type: 'oidc-token', audience: 'api://Azure AD/ß&x=1' })
    t.equal(
      idTokenUrl('https://a.example/t', 'x'),
      'https://a.example/t?audience=x',
      'an address without a query',
    )
  },
)

t.test('239: https, or this machine; never elsewhere', async (t) => {
  for (const url of [
    'http://a.example/t?x=1',
    'ftp://a.example',
    'nothing',
    'https://u:p@a.example/',
    'http://127.0.0.1.example/',
  ])
    t.throws(() => idTokenUrl(url, 'x'), { code: 'ConfigInvalid', hint: /leave it as it is/ }, url)
  for (const url of [
    'https://a.example/?v=2',
    'http://127.0.0.1:1/?v=2',
    'http://[::1]:1/?v=2',
    'http://localhost/?v=2',
  ])
    t.match(idTokenUrl(url, 'x'), /\?v=2&audience=x$/, url)
  let elsewhere = 0
  const { error, seen } = await asked(t, ({ url }, response) => {
    if (url?.startsWith('/elsewhere')) elsewhere += 1
    response.writeHead(302, { Location: '/elsewhere' }).end()
  })
  t.match(error, { code: 'UpstreamInvalid', message: /302.*not followed/ })
  t.equal(elsewhere, 0, 'a redirect is not followed')
  t.equal(seen.length, 1)
})

t.test('240: 502, 503 and 504 are asked again, ten times at most, with growing waits', async (t) => {
  const passing = await asked(t, (request, response, count) => {
    if (count > 3) return gives(jwt())(request, response, count)
    response.writeHead(501 + count).end()
  })
  t.equal(passing.token?.type, 'oidc-token')
  t.equal(passing.seen.length, 4)
  const lasting = await asked(t, (_, response) => void response.writeHead(503).end())
  t.match(lasting.error, { code: 'UpstreamUnavailable', message: /503/ })
  t.equal(lasting.seen.length, 10)
  t.equal(lasting.waits.length, 9)
  t.ok(Math.max(...lasting.waits) <= 5_000 && (lasting.waits[8] ?? 0) > 10 * (lasting.waits[0] ?? 0))
  t.ok(lasting.waits.reduce((sum, ms) => sum + ms) < 40_000, 'within the minute of a flight')
})

t.test('240, 242: what GitHub refuses is not asked again, and says what to do', async (t) => {
  for (const [status, expected] of [
    [403, { code: 'AccessDenied', hint: /permissions: \{ id-token: write \}/ }],
    [404, { code: 'AccessDenied', hint: /permissions: \{ id-token: write \}/ }],
    [401, { code: 'CredentialRejected', hint: /job has ended/ }],
    [429, { code: 'UpstreamThrottled' }],
    [500, { code: 'UpstreamUnavailable' }],
    [400, { code: 'UpstreamInvalid' }],
  ] as const) {
    const { error, seen } = await asked(t, gives('no', status))
    t.match(error, { ...expected, message: new RegExp(`\\(${status}\\)`) })
    t.equal(seen.length, 1, `${status} once`)
    t.notMatch(`${error?.message} ${error?.hint}`, /job-secret/)
  }
  const gone = await asked(t, (request) => request.socket.destroy())
  t.match(gone.error, { code: 'UpstreamUnavailable', message: /GitHub could not be reached/ })
})

t.test('241: good until thirty seconds before its end', async (t) => {
  const { token } = await asked(t, gives(jwt()))
  t.equal(token?.expiresAt, NOW + 270_000)
  t.notMatch(JSON.stringify(token), /eyJ/, 'never shown')
  const process = (text: string, now = NOW) => processIdToken({ status: 200, text }, 'x', now)
  const value = (text: string) => JSON.stringify({ value: text })
  t.throws(() => process(value(jwt()), NOW + 270_000), { code: 'UpstreamInvalid', hint: /clock/ })
  for (const text of [
    '',
    'null',
    '[]',
    '{}',
    '<html>',
    value(''),
    value('a.b.c'),
    value(jwt('soon')),
    '{"value":7}',
  ])
    t.throws(() => process(text), { code: 'UpstreamUnavailable', message: /no token that can be read/ }, text)
  const endless = await asked(t, (_, response) => void response.end('x'.repeat(100_000)))
  t.match(endless.error, { code: 'UpstreamUnavailable', message: /no end/ })
})
