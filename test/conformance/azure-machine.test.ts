/** Who is answered in the words of a virtual machine's metadata, and for what. Numbers are those of protocols.md, 7.7. */
import t from 'tap'
import { ask, askMachine, metadataPath } from '../helpers/azure-asking.ts'
import { type AzureEndpoint, azureEndpoint } from '../helpers/azure-endpoint.ts'

let endpoint: AzureEndpoint
t.before(async () => {
  endpoint = await azureEndpoint()
})
t.teardown(() => endpoint.stop())

const METADATA = ['Metadata: true']
const ARM = 'resource=https%3A%2F%2Fmanagement.azure.com%2F'

t.test('163, 164: a machine is asked with the header Metadata: true, written so', async (t) => {
  for (const lines of [[], ['Metadata: True'], ['Metadata: TRUE'], ['Metadata:'], ['Metadata: 1']]) {
    const { status, headers, body } = await askMachine(endpoint, {}, lines)
    t.equal(status, 400, lines.join())
    t.equal(headers['content-type'], 'application/json')
    t.match(JSON.parse(body), { error: 'bad_request_102', error_description: /metadata header/ })
  }
  t.equal((await askMachine(endpoint, {}, ['Metadata: true', 'Metadata: true'])).status, 400, 'once')
  t.equal((await askMachine(endpoint)).status, 200)
})

t.test('165, 166: with a version of the interface that is known', async (t) => {
  const none = await ask(endpoint, `${metadataPath(endpoint)}?${ARM}`, { lines: METADATA })
  t.equal(none.status, 400)
  t.match(JSON.parse(none.body), {
    error: /^Bad request. api-version was not specified in the request/,
    'newest-versions': ['2021-02-01', '2020-06-01', '2019-11-01'],
  })
  for (const version of ['2017-12-01', '2018-02-01x', '1']) {
    const other = await askMachine(endpoint, { 'api-version': version })
    t.equal(other.status, 400, version)
    t.match(JSON.parse(other.body), { 'newest-versions': [/./, /./, /./] })
  }
  for (const version of ['2018-02-01', '2019-08-01', '2019-11-01', '2020-06-01', '2021-02-01'])
    t.equal((await askMachine(endpoint, { 'api-version': version })).status, 200, version)
})

t.test('167: for a resource, which has to look like one', async (t) => {
  const none = await ask(endpoint, `${metadataPath(endpoint)}?api-version=2018-02-01`, { lines: METADATA })
  t.equal(none.status, 400)
  t.equal(JSON.parse(none.body).error, 'invalid_request')
  const scope = 'https://vault.azure.net/.default'
  for (const resource of [
    'management',
    'https://',
    'https://a b',
    '/a',
    scope,
    `https://${'a'.repeat(300)}`,
  ]) {
    const { status, body } = await askMachine(endpoint, { resource })
    t.equal(status, 400, resource)
    t.equal(JSON.parse(body).error, 'invalid_resource', resource)
  }
  const twice = `${metadataPath(endpoint)}?api-version=2018-02-01&${ARM}&${ARM}`
  t.equal((await ask(endpoint, twice, { lines: METADATA })).status, 400, 'one of them')
})

t.test('168: not by way of a proxy', async (t) => {
  const { status, body } = await askMachine(endpoint, {}, [...METADATA, 'X-Forwarded-For: 127.0.0.1'])
  t.equal(status, 403)
  t.match(JSON.parse(body), { error: 'unauthorized_client', statusCode: 403 })
})

t.test('169: a slash at the end of the address is none', async (t) => {
  const path = `${metadataPath(endpoint)}/?api-version=2018-02-01&${ARM}`
  t.equal((await ask(endpoint, path, { lines: METADATA })).status, 200)
})

t.test('175: a machine is asked with GET', async (t) => {
  const path = `${metadataPath(endpoint)}?api-version=2018-02-01&${ARM}`
  const posted = await ask(endpoint, path, { method: 'POST', lines: METADATA, form: '' })
  t.equal(posted.status, 405)
  t.equal(posted.headers.allow, 'GET')
  t.match(JSON.parse(posted.body), { error: 'method_not_allowed', statusCode: 405, message: /./ })
})

t.test('176: who only looks whether there is something hears it at once', async (t) => {
  const begun = performance.now()
  const { status, body } = await ask(endpoint, metadataPath(endpoint))
  t.equal(status, 400)
  t.ok(JSON.parse(body).error)
  t.ok(performance.now() - begun < 300)
})

t.test('188: terraform has nothing but the secret in its path', async (t) => {
  const { path } = endpoint
  const storage = 'api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com'
  const get = (secret: string) =>
    ask(endpoint, `/${secret}/metadata/identity/oauth2/token?${storage}`, { lines: METADATA })
  const { status, body } = await get(path)
  t.equal(status, 200)
  t.equal(JSON.parse(body).resource, 'https://storage.azure.com')
  const wrong = [endpoint.secret, `${path}x`, path.slice(1), 'x', '%2e%2e', 'x'.repeat(200), `${path}%00`]
  for (const secret of wrong) t.equal((await get(secret)).status, 403, secret)
})
