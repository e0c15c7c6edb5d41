/** Pages of a sign-in over real HTTP: what is followed, what is sent where, and what is not. */
import { createServer, type IncomingMessage } from 'node:http'
import t from 'tap'
import { systemClock } from '../../daemon/system/clock.ts'
import { formsIn } from '../../daemon/upstream/html-forms.ts'
import { openWeb } from '../../daemon/upstream/web-session.ts'
import { failure } from '../helpers/failure.ts'

interface Seen {
  line: string
  cookie: string | undefined
  body: string
}
type Answer = [status: number, headers: Record<string, string | string[]>, body?: string]

async function host(t: { teardown(work: () => void): void }, answer: (path: string) => Answer) {
  const seen: Seen[] = []
  const server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { method, url = '', headers } = request
      seen.push({ line: `${method} ${url}`, cookie: headers.cookie, body })
      const [status, sent, text = ''] = answer(url)
      response.writeHead(status, sent).end(text)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  return { seen, url: (path: string) => new URL(`http://127.0.0.1:${port}${path}`) }
}

const web = () => openWeb({ clock: systemClock, signal: new AbortController().signal })
const FORM = '<form method=post action=/there><input type=password name=p></form>'

async function submitted(at: URL) {
  const session = web()
  const page = await session.open(at)
  const [form] = formsIn(page.html, page.url)
  if (!form) throw new Error('no form')
  return session.submit(form, { p: 'secret' })
}

t.test('redirects, with the cookies that were set on the way', async (t) => {
  const { seen, url } = await host(t, (path) =>
    path === '/a'
      ? [302, { Location: '/b', 'Set-Cookie': ['one=1; Path=/', 'two=2; Path=/other'] }]
      : [200, { 'Set-Cookie': 'three=3' }, 'here'],
  )
  const session = web()
  t.match(await session.open(url('/a')), { status: 200, html: 'here', url: { pathname: '/b' } })
  await session.open(url('/c'))
  t.strictSame(
    seen.map(({ line, cookie }) => [line, cookie]),
    [
      ['GET /a', undefined],
      ['GET /b', 'one=1'],
      ['GET /c', 'one=1; three=3'],
    ],
  )
})

t.test('what was entered is posted once, and again only to the same host', async (t) => {
  const after302 = await host(t, (path) =>
    path === '/there' ? [302, { Location: '/done' }] : [200, {}, FORM],
  )
  await submitted(after302.url('/'))
  t.strictSame(
    after302.seen.map(({ line, body }) => [line, body]),
    [
      ['GET /', ''],
      ['POST /there', 'p=secret'],
      ['GET /done', ''],
    ],
  )
  const after307 = await host(t, (path) =>
    path === '/there' ? [307, { Location: '/again' }] : [200, {}, FORM],
  )
  await submitted(after307.url('/'))
  t.match(after307.seen.at(-1), { line: 'POST /again', body: 'p=secret' })

  const other = await host(t, () => [200, {}])
  const away = await host(t, (path) =>
    path === '/there' ? [307, { Location: other.url('/').href }] : [200, {}, FORM],
  )
  t.match(await failure(submitted(away.url('/'))), {
    code: 'UpstreamInvalid',
    message: /sends what was entered on to/,
  })
  t.strictSame(other.seen, [])
})

t.test('what is not followed', async (t) => {
  for (const [location, message] of [
    ['http://idp.example/', /leads to http:\/\/idp\.example/],
    ['file:///etc/passwd', /leads to file:/],
    ['https://signin.aws.amazon.com/saml', /to AWS with no assertion/],
    ['/', /redirects without an end/],
  ] as const) {
    const { url } = await host(t, () => [302, { Location: location }])
    t.match(
      await failure(web().open(url('/'))),
      { code: 'UpstreamInvalid', message, hint: /Browser/ },
      location,
    )
  }
})

t.test('a page without an end, and JSON that is none', async (t) => {
  const { url } = await host(t, (path) => [200, {}, path === '/json' ? '<html>' : 'x'.repeat(3_000_000)])
  t.match(await failure(web().open(url('/'))), { code: 'UpstreamUnavailable', message: /has no end/ })
  t.strictSame(await web().json(url('/json'), {}), { status: 200, value: undefined })
})
