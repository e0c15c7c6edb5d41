/** The exchange behind a credential file: what is refused, and in whose words. */
import t from 'tap'
import { AuthError } from '../../shared/errors.ts'
import { ACCESS_TOKEN, exchanged, subjectOf, TOKEN_EXCHANGE } from '../helpers/external-account.ts'
import { posted } from '../helpers/form.ts'
import { google } from '../helpers/google-daemon.ts'
import { raw } from '../helpers/raw.ts'

const at = await google(t)

const mistakes: [string, string, Record<string, string | undefined>][] = [
  ['154: an unknown subject token', 'invalid_grant', { subject_token: 'x' }],
  ['154: a long one', 'invalid_grant', { subject_token: 'x'.repeat(4_000) }],
  ['155: no grant_type', 'invalid_request', { grant_type: undefined }],
  ['155: an empty one', 'invalid_request', { grant_type: '' }],
  ['155: another one', 'unsupported_grant_type', { grant_type: 'client_credentials' }],
  ['155: no subject token', 'invalid_request', { subject_token: undefined }],
  ['155: another type of it', 'invalid_request', { subject_token_type: ACCESS_TOKEN }],
  [
    '155: another type is wanted',
    'invalid_request',
    { requested_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
  ],
  ['156: no audience', 'invalid_target', { audience: undefined }],
  [
    '156: another audience',
    'invalid_target',
    { audience: '//iam.googleapis.com/projects/1/locations/global/x' },
  ],
  ['156: no scopes', 'invalid_scope', { scope: '"' }],
]

t.test('154, 155, 156: mistakes have OAuth’s names', async (t) => {
  for (const [name, error, change] of mistakes) {
    const { status, said, headers } = await exchanged(at, change)
    t.strictSame([status, headers['content-type']], [400, 'application/json'], name)
    t.match(said, { error, error_description: /^[^\n]{10,480}$/ }, name)
  }
  const path = `/gcp/${at.reply.id}/token`
  for (const [type, body] of [
    ['application/json', JSON.stringify({ grant_type: TOKEN_EXCHANGE })],
    ['text/plain', `grant_type=${TOKEN_EXCHANGE}`],
    ['', `grant_type=${TOKEN_EXCHANGE}`],
    ['', ''],
  ] as const) {
    const { status, body: said } = await posted(at.common, path, body, type)
    t.match([status, JSON.parse(said).error], [400, 'invalid_request'], `155: ${type || 'no type'}`)
  }
  const twice = `grant_type=${TOKEN_EXCHANGE}&grant_type=${TOKEN_EXCHANGE}`
  t.match(JSON.parse((await posted(at.common, path, twice)).body), {
    error: 'invalid_request',
    error_description: /more than one grant_type/,
  })
})

t.test('156: other scopes make it another token, where the identity has such', async (t) => {
  const scope = 'https://www.googleapis.com/auth/drive'
  t.match((await exchanged(at, { scope })).said.access_token, /drive/)
  const unscoped = await google(t, { scoped: false })
  t.match(await exchanged(unscoped, { scope }), { status: 400, said: { error: 'invalid_scope' } })
})

t.test('what the cloud refuses is told, and what will pass costs no subject token', async (t) => {
  const failure = new AuthError('LoginRequired', 'Nobody is signed in.', { hint: 'Run `atmosctl login`.' })
  const refused = await google(t, { failure })
  t.match(await exchanged(refused), {
    status: 403,
    said: { error: 'access_denied', error_description: 'Nobody is signed in. Run `atmosctl login -i dev`.' },
  })
  const busy = await google(t, { failure: new AuthError('UpstreamUnavailable', 'The cloud is away.') })
  const token = await subjectOf(busy)
  t.match(await exchanged(busy, { subject_token: token }), {
    status: 503,
    said: { error: 'temporarily_unavailable' },
  })
  busy.knobs.failure = undefined
  busy.turn(60_000)
  t.equal((await exchanged(busy, { subject_token: token })).status, 200)
})

t.test('35, 66: a form is taken at these addresses alone', async (t) => {
  const { id } = at.reply
  for (const path of ['/aws/x', '/', `/gcp/${id}`, `/gcp/${id}/subject`, `/gcp/${id}/token/`])
    t.equal((await posted(at.common, path, 'a=b')).status, 405, path)
  t.equal((await posted(at.common, `/gcp/${id}/token`, 'x'.repeat(9_000))).status, 413)
  const chunked = [
    `POST /gcp/${id}/token HTTP/1.1`,
    `Host: 127.0.0.1:${at.common}`,
    'Transfer-Encoding: chunked',
  ]
  t.equal((await raw(at.common, `${chunked.join('\r\n')}\r\n\r\n0\r\n\r\n`)).status, 400)
  const get = `GET /gcp/${id}/token HTTP/1.1\r\nHost: 127.0.0.1:${at.common}\r\n\r\n`
  t.match([403, 405], [(await raw(at.common, get)).status, 405])
})
