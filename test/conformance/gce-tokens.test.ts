/** Tokens of Google's metadata server: for how long, for which scopes and audiences, and what is said where there are none. */
import t from 'tap'
import { AuthError } from '../../shared/errors.ts'
import { google } from '../helpers/google-daemon.ts'
import { asked, DEFAULT } from '../helpers/metadata.ts'

const MINUTE_MS = 60_000
const STORAGE = 'https://www.googleapis.com/auth/devstorage.read_only'
const DRIVE = 'https://www.googleapis.com/auth/drive'
const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const MAIL = 'https://www.googleapis.com/auth/userinfo.email'

type At = Awaited<ReturnType<typeof google>>
const tokenOf = async (at: At, query = '') => {
  const { status, body } = await asked(at.port, `${DEFAULT}/token${query}`)
  return status === 200 ? JSON.parse(body) : { status, body }
}

t.test('123, 124: a token with the seconds that it has left when it is asked for', async (t) => {
  const at = await google(t)
  const first = await tokenOf(at)
  t.match(first, { access_token: /^ya29/, expires_in: Number, token_type: 'Bearer' })
  t.ok(Number.isInteger(first.expires_in) && first.expires_in > 3_590)
  at.turn(10 * MINUTE_MS)
  const second = await tokenOf(at)
  t.equal(second.access_token, first.access_token)
  t.ok(Math.abs(first.expires_in - second.expires_in - 600) <= 1, `${second.expires_in} s`)
})

t.test('124: with less than six minutes left it is renewed first, where that can be', async (t) => {
  const at = await google(t)
  const { access_token: first } = await tokenOf(at)
  at.knobs.failure = new AuthError('UpstreamUnavailable', 'Not now.')
  at.turn(45 * MINUTE_MS)
  t.equal((await tokenOf(at)).access_token, first)
  at.turn(9.5 * MINUTE_MS)
  const last = await tokenOf(at)
  t.equal(last.access_token, first, 'a valid one is not withdrawn')
  t.ok(last.expires_in >= 325 && last.expires_in <= 330, 'and its end is told as it is')
  at.knobs.failure = undefined
  at.turn(4 * MINUTE_MS)
  const next = await tokenOf(at)
  t.not(next.access_token, first)
  t.ok(next.expires_in > 3_500)
})

t.test('124: what never lives for six minutes is given as it is, and renewed in time', async (t) => {
  const at = await google(t, { lifeMs: 3 * MINUTE_MS })
  const seen = new Set<string>()
  for (let minute = 0; minute < 12; minute++) {
    const { access_token: token, expires_in: seconds } = await tokenOf(at)
    t.ok(seconds >= 50 && seconds <= 180, `${seconds} s`)
    seen.add(token)
    at.turn(MINUTE_MS)
  }
  t.ok(seen.size >= 4 && seen.size <= 12, `${seen.size} tokens`)
})

t.test('125: scopes make it another token, unless it is all of Google Cloud that is wanted', async (t) => {
  const at = await google(t)
  const usual = (await tokenOf(at)).access_token
  for (const query of [
    '',
    '?scopes=',
    `?scopes=${CLOUD}`,
    `?scopes=${CLOUD},${MAIL},openid`,
    `?scopes=${CLOUD}%2C${STORAGE}`,
  ])
    t.equal((await tokenOf(at, query)).access_token, usual, query)
  const narrow = (await tokenOf(at, `?scopes=${STORAGE},${MAIL}`)).access_token
  t.match(narrow, /devstorage-read_only-.*userinfo-email/)
  t.equal((await tokenOf(at, `?scopes=${MAIL}%2C${STORAGE}`)).access_token, narrow, 'in whatever order')
  t.match(
    (await tokenOf(at, `?scopes=${CLOUD},${DRIVE}`)).access_token,
    /drive/,
    'which is no part of the cloud',
  )
  t.match((await tokenOf(at, `?scopes=${MAIL}`)).access_token, /userinfo-email/, 'no more than was asked for')
  t.equal((await tokenOf(at, `?scopes=${'a,'.repeat(33)}`)).status, 400)
  t.equal((await tokenOf(at, '?scopes=%22%00')).status, 400)
})

t.test('125: 403 where the identity has no tokens of other scopes', async (t) => {
  const at = await google(t, { scoped: false })
  t.match(await tokenOf(at, `?scopes=${STORAGE}`), { status: 403, body: /gives no tokens of other scopes/ })
  t.match(await tokenOf(at), { token_type: 'Bearer' })
})

t.test('a grant may want 64 different tokens and no more', async (t) => {
  const at = await google(t)
  for (let index = 0; index < 64; index++) t.ok((await tokenOf(at, `?scopes=s${index}`)).access_token)
  t.match(await tokenOf(at, '?scopes=s64'), { status: 400, body: /too many different tokens/ })
  t.ok((await tokenOf(at, '?scopes=s63')).access_token, 'those that it has it goes on having')
  t.ok((await tokenOf(at)).access_token)
  t.equal((await asked(at.port, `${DEFAULT}/identity?audience=a`)).status, 400)
  const other = await at.open('other')
  t.equal(
    (await asked(other.port, `${DEFAULT}/token?scopes=s64`)).status,
    200,
    'another grant is another one',
  )
})

t.test('126, 127, 128: an identity token for an audience, however it is written', async (t) => {
  const at = await google(t)
  for (const audience of ['https://a.example/b', 'https%3A%2F%2Fa.example%2Fb']) {
    const more = '&format=full&licenses=FALSE'
    const { status, headers, body } = await asked(at.port, `${DEFAULT}/identity?audience=${audience}${more}`)
    t.strictSame([status, headers['content-type']], [200, 'text/html'])
    const claims = JSON.parse(Buffer.from(body.split('.')[1] ?? '', 'base64url').toString())
    t.match(claims, { aud: 'https://a.example/b', exp: Number })
  }
  t.equal(at.calls.filter((call) => call.startsWith('https://a')).length, 1, 'made once')
  for (const query of ['', '?audience=', '?format=full'])
    t.match(await asked(at.port, `${DEFAULT}/identity${query}`), {
      status: 400,
      body: 'non-empty audience parameter required\n',
    })
})

t.test('129: 404 where there are no identity tokens, or the cloud refuses one', async (t) => {
  const none = await google(t, { identifies: false })
  const path = `${DEFAULT}/identity?audience=a&format=standard&licenses=FALSE`
  t.match(await asked(none.port, path), { status: 404, body: /gives no identity tokens/ })
  const refused = await google(t, { failure: new AuthError('AccessDenied', 'Not you.') })
  t.match(await asked(refused.port, path), { status: 404, body: /Not you/ })
})

t.test('136: an ETag stays while the value does', async (t) => {
  const at = await google(t)
  const etag = async (path: string) => (await asked(at.port, path)).headers.etag
  for (const path of [`${DEFAULT}/token`, `${DEFAULT}/?recursive=true`, `${DEFAULT}/email`]) {
    const first = await etag(path)
    t.match(first, /^[0-9a-f]{16}$/)
    at.turn(2_000)
    t.equal(await etag(path), first, path)
  }
  const first = await etag(`${DEFAULT}/token`)
  at.turn(61 * MINUTE_MS)
  t.not(await etag(`${DEFAULT}/token`), first, 'another token')
})
