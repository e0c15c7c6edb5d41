/** Google's metadata server, byte for byte: who is answered, and what is where. */
import t from 'tap'
import { google } from '../helpers/google-daemon.ts'
import { asked, DEFAULT, FLAVOR, isOfTheService, ROOT } from '../helpers/metadata.ts'
import { raw } from '../helpers/raw.ts'

const at = await google(t)
const { port } = at
const MAIL = 'ci@acme-prod.iam.gserviceaccount.com'
const ACCOUNTS = `${ROOT}/instance/service-accounts`
const get = (path: string) => asked(port, path)
const json = async (path: string) => JSON.parse((await get(path)).body)

t.test('109, 110: the root answers everybody, in the service’s name', async (t) => {
  for (const lines of [[FLAVOR], [], ['Metadata-Flavor: Other']]) {
    const answer = await asked(port, '/', lines)
    t.equal(answer.status, 200)
    t.ok(isOfTheService(answer))
    t.equal(answer.body, 'computeMetadata/\n')
  }
})

t.test('25: HEAD answers as GET does, without a body', async (t) => {
  for (const path of [`${DEFAULT}/email`, `${ROOT}/instance/nothing`]) {
    const [head, whole] = [await asked(port, path, [FLAVOR], 'HEAD'), await get(path)]
    t.strictSame([head.status, head.body, isOfTheService(head)], [whole.status, '', true])
    t.equal(head.headers['content-length'], whole.headers['content-length'])
  }
})

const refused: [string, number, string, string, string[]][] = [
  ['112: no flavor', 403, 'GET', `${ROOT}/project/project-id`, []],
  ['112: another flavor', 403, 'GET', `${ROOT}/project/project-id`, ['Metadata-Flavor: google']],
  ['112: two of them', 403, 'GET', `${DEFAULT}/token`, [FLAVOR, 'Metadata-Flavor: x']],
  ['113: the header of before', 403, 'GET', `${DEFAULT}/token`, ['X-Google-Metadata-Request: True']],
  ['114: by way of a proxy', 403, 'GET', `${DEFAULT}/token`, [FLAVOR, 'X-Forwarded-For: 10.0.0.1']],
  ['a web page', 403, 'GET', `${DEFAULT}/token`, [FLAVOR, 'Origin: http://evil.example']],
  ['a second Host', 400, 'GET', `${DEFAULT}/token`, [FLAVOR, 'Host: evil.example']],
  ['137: another root', 404, 'GET', '/computeMetadata/v1beta1/instance/', [FLAVOR]],
  ['137: an old one', 404, 'GET', '/0.1/meta-data/', [FLAVOR]],
  ['137: no such path', 404, 'GET', `${ROOT}/instance/nothing`, [FLAVOR]],
  ['137: a name of every object', 404, 'GET', `${ROOT}/instance/constructor`, [FLAVOR]],
  ['137: written in another way', 404, 'GET', `${ROOT}/%69nstance/`, [FLAVOR]],
  ['137: with two slashes', 404, 'GET', `${ROOT}//instance/`, [FLAVOR]],
  ['137: with dots', 404, 'GET', `${ROOT}/instance/../project/project-id`, [FLAVOR]],
  ['137: a value is no directory', 404, 'GET', `${ROOT}/project/project-id/`, [FLAVOR]],
  ['138: POST', 405, 'POST', `${DEFAULT}/token`, [FLAVOR, 'Content-Length: 0']],
  ['138: PUT', 405, 'PUT', `${DEFAULT}/token`, [FLAVOR, 'Content-Length: 0']],
  ['138: OPTIONS', 405, 'OPTIONS', `${DEFAULT}/token`, [FLAVOR]],
  ['134: another alt', 400, 'GET', `${ROOT}/project/project-id?alt=xml`, [FLAVOR]],
  ['135: no number of seconds', 400, 'GET', `${ROOT}/project/?wait_for_change=true&timeout_sec=x`, [FLAVOR]],
  ['117: neither true nor false', 400, 'GET', `${ROOT}/project/?recursive=maybe`, [FLAVOR]],
  ['127: identity for nobody', 400, 'GET', `${DEFAULT}/identity`, [FLAVOR]],
]

t.test(
  '111, 112, 113, 114, 134, 137, 138: refused in the service’s name, and never with a token',
  async (t) => {
    for (const [name, status, method, path, lines] of refused) {
      const answer = await asked(port, path, lines, method)
      t.equal(answer.status, status, `${name}: ${answer.body}`)
      t.ok(isOfTheService(answer), `111: ${name}`)
      t.notMatch(answer.text, /ya29|access-control/i, name)
    }
    t.match(
      (await asked(port, `${DEFAULT}/token`, [])).body,
      'Missing required header "Metadata-Flavor": "Google"',
    )
    t.equal((await asked(port, '/', [], 'POST')).headers.allow, 'GET, HEAD')
  },
)

t.test('111: even what is no HTTP is answered in the service’s name', async (t) => {
  const rubbish = await raw(port, 'GET / HTTP/1.1\r\nno header at all\r\n\r\n')
  const huge = await raw(
    port,
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
  )
  const decoded = await asked(port, '/%zz')
  t.strictSame([rubbish.status, huge.status, decoded.status], [400, 431, 403])
  for (const answer of [rubbish, huge, decoded]) t.ok(isOfTheService(answer), String(answer.status))
  const rebound = await raw(
    port,
    `GET /computeMetadata/v1/ HTTP/1.1\r\nHost: evil.example\r\n${FLAVOR}\r\n\r\n`,
  )
  t.strictSame([rebound.status, isOfTheService(rebound)], [403, true])
})

t.test('115, 116: a directory without its slash leads to the one with it', async (t) => {
  for (const path of ['/computeMetadata', ROOT, `${ROOT}/instance`, DEFAULT, `${ROOT}/instance?alt=text`]) {
    const { status, headers } = await get(path)
    const [bare, query = ''] = path.split('?')
    t.strictSame([status, headers.location], [301, `${bare}/${query && `?${query}`}`], path)
    t.equal((await get(headers.location ?? '')).status, 200)
  }
  t.equal((await get(`${ROOT}/`)).body, 'instance/\nproject/\nuniverse/\n')
  t.equal((await get(`${ROOT}/instance/`)).body, 'id\nservice-accounts/\nzone\n')
  t.strictSame(await json(`${ROOT}/project/?alt=json`), ['numeric-project-id', 'project-id'])
})

t.test('117, 118: all below a directory at once, as JSON', async (t) => {
  const account = { aliases: ['default'], email: MAIL, scopes: [/cloud-platform$/] }
  for (const path of [
    `${DEFAULT}/?recursive=true`,
    `${DEFAULT}?recursive=true`,
    `${DEFAULT}/?recursive=True`,
  ]) {
    const { status, headers, body } = await get(path)
    t.strictSame([status, headers['content-type']], [200, 'application/json'], path)
    t.match(JSON.parse(body), account)
    t.notMatch(body, /token|ya29|identity/, 'no token is in it')
  }
  const whole = (await get('/?recursive=true')).body
  t.match(whole, /"numericProjectId":123456789012[,}]/, 'a number is one')
  t.match(JSON.parse(whole).computeMetadata.v1.instance.serviceAccounts, {
    default: account,
    [MAIL]: account,
  })
  const text = (await get(`${ROOT}/?recursive=true&alt=text`)).body
  t.match(text, `instance/service-accounts/${MAIL}/email ${MAIL}\n`)
})

t.test('119, 120, 121, 122: the account, under both of its names', async (t) => {
  for (const path of [ACCOUNTS, `${ACCOUNTS}/`])
    t.strictSame(await get(path).then(({ status, body }) => [status, body]), [200, `default/\n${MAIL}/\n`])
  for (const name of ['default', MAIL, MAIL.replace('@', '%40')]) {
    const { body, headers } = await get(`${ACCOUNTS}/${name}/email`)
    t.strictSame([body, headers['content-type']], [MAIL, 'application/text'])
    t.equal(
      (await get(`${ACCOUNTS}/${name}/scopes`)).body,
      'https://www.googleapis.com/auth/cloud-platform\n',
    )
    t.equal((await get(`${ACCOUNTS}/${name}/aliases`)).body, 'default\n')
    t.match(await json(`${ACCOUNTS}/${name}/token`), { token_type: 'Bearer' })
  }
  for (const other of ['ci', `x${MAIL}`, 'other@acme-prod.iam.gserviceaccount.com'])
    t.equal((await get(`${ACCOUNTS}/${other}/token`)).status, 404, other)
})

t.test('130, 131, 132, 133, 134: where the machine would be', async (t) => {
  const values: [string, string][] = [
    ['project/numeric-project-id', '123456789012'],
    ['project/project-id', 'acme-prod'],
    ['universe/universe-domain', 'googleapis.com'],
    ['instance/zone', 'projects/123456789012/zones/europe-west4-b'],
  ]
  for (const [path, value] of values) {
    t.equal((await get(`${ROOT}/${path}`)).body, value, path)
    t.equal((await get(`${ROOT}/${path}?alt=text`)).body, value)
    const number = /^\d+$/.test(value)
    t.equal((await get(`${ROOT}/${path}?alt=json`)).body, number ? value : JSON.stringify(value))
  }
  t.match((await get(`${ROOT}/instance/id`)).body, /^[1-9]\d{17}$/)
  for (const path of ['', '/', '/ssh-keys', '/cluster-name'])
    t.equal((await get(`${ROOT}/instance/attributes${path}`)).status, 404, '133')
})

t.test('122, 130, 131, 132, 133: an identity of which little is known', async (t) => {
  const bare = await google(t, { facts: {}, principal: undefined })
  const text = async (path: string) => (await asked(bare.port, `${ROOT}/${path}`)).body
  t.equal(await text('instance/service-accounts/default/email'), 'ci@atmosd.invalid', 'an address of nobody')
  t.match(await text('project/numeric-project-id'), /^\d{18}$/, 'or gcloud would not look any further')
  t.equal(await text('project/numeric-project-id'), await text('project/numeric-project-id'))
  for (const path of ['project/project-id', 'instance/zone'])
    t.equal((await asked(bare.port, `${ROOT}/${path}`)).status, 404, path)
  t.equal(await text('project/'), 'numeric-project-id\n')
})
