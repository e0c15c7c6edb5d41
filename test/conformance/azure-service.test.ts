/** Who is answered in the words of an App Service and of the Cloud Shell, and for which identity. Numbers are those of protocols.md, 7.7. */
import t from 'tap'
import { ask, askMachine, askService, askShell } from '../helpers/azure-asking.ts'
import { type AzureEndpoint, azureEndpoint } from '../helpers/azure-endpoint.ts'
import { CLIENT, OBJECT } from '../helpers/azure-tenant.ts'

let endpoint: AzureEndpoint
t.before(async () => {
  endpoint = await azureEndpoint()
})
t.teardown(() => endpoint.stop())

const METADATA = ['Metadata: true']
const ARM = 'resource=https%3A%2F%2Fmanagement.azure.com%2F'
const MACHINE_RESOURCE = '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/x'

t.test('174: for the one identity that there is, by whatever name', async (t) => {
  const named: [Record<string, string>, Record<string, string>][] = [
    [{ client_id: CLIENT.toUpperCase() }, { client_id: CLIENT }],
    [{ object_id: OBJECT }, { principal_id: OBJECT }],
    [{ msi_res_id: MACHINE_RESOURCE }, { mi_res_id: MACHINE_RESOURCE }],
  ]
  for (const [machine, service] of named.slice(0, 2)) {
    t.equal((await askMachine(endpoint, machine)).status, 200, Object.keys(machine).join())
    t.equal((await askService(endpoint, service)).status, 200, Object.keys(service).join())
  }
  for (const [machine, service] of named)
    for (const answer of [
      await askMachine(endpoint, mapped(machine)),
      await askService(endpoint, mapped(service)),
    ]) {
      t.equal(answer.status, 400)
      t.match(JSON.parse(answer.body), { error: 'invalid_request', error_description: /^Identity not found/ })
    }
  for (const two of [await askMachine(endpoint, { client_id: CLIENT, object_id: OBJECT })]) {
    t.equal(two.status, 400)
    t.match(JSON.parse(two.body).message, /cannot be used together/)
  }
  t.equal((await askService(endpoint, { client_id: CLIENT, mi_res_id: 'x' })).status, 400)
})

t.test('174: the application that the configuration names is the one, where it names one', async (t) => {
  const named = await azureEndpoint({ client: OBJECT })
  t.teardown(named.stop)
  t.equal((await askService(named, { client_id: OBJECT })).status, 200)
  t.equal((await askService(named, { client_id: CLIENT })).status, 400)
})

function mapped(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, '44444444-dddd-4ddd-8ddd-dddddddddddd']))
}

t.test(
  '180, 194: an App Service is asked with its secret, and says nothing of one that is wrong',
  async (t) => {
    for (const lines of [
      [],
      ['X-IDENTITY-HEADER:'],
      ['X-IDENTITY-HEADER: x'],
      [`Secret: ${endpoint.secret}`],
    ]) {
      const { status, body } = await askService(endpoint, {}, lines)
      t.equal(status, 403, lines.join())
      t.match(JSON.parse(body), { statusCode: 403, message: /`atmosctl exec`/ })
    }
    const byPath = await askService(endpoint, {}, [`X-IDENTITY-HEADER: ${endpoint.path}`])
    t.equal(byPath.status, 403, 'the secret of the path is another')
  },
)

t.test('181: in the version that every SDK speaks, and not in that of Azure ML', async (t) => {
  for (const version of ['2017-09-01', '2019-07-01-preview', ''])
    t.equal((await askService(endpoint, { 'api-version': version })).status, 400, version)
  const ml = await askService(endpoint, { 'api-version': '2017-09-01' }, [`secret: ${endpoint.secret}`])
  t.equal(ml.status, 403)
})

t.test('182: the type of a form on a request that has none does no harm', async (t) => {
  const lines = [`X-IDENTITY-HEADER: ${endpoint.secret}`, 'Content-Type: application/x-www-form-urlencoded']
  t.equal((await askService(endpoint, {}, lines)).status, 200)
})

t.test('184, 187: neither Service Fabric nor Arc is spoken', async (t) => {
  const fabric = { 'api-version': '2019-07-01-preview' }
  t.equal((await askService(endpoint, fabric, [`Secret: ${endpoint.secret}`])).status, 403)
  const arc = await askMachine(endpoint, { 'api-version': '2020-06-01' }, [])
  t.notOk(arc.headers['www-authenticate'])
  t.equal(arc.status, 400)
})

t.test(
  '185, 186: a Cloud Shell is asked with a form, which no web page can send with that header',
  async (t) => {
    t.equal((await askShell(endpoint)).status, 200)
    const got = (...lines: string[]) => ask(endpoint, `/${endpoint.path}/cloudshell?${ARM}`, { lines })
    t.equal((await got(...METADATA)).status, 200, 'or with a query')
    t.equal((await got()).status, 400, 'with the header as well')
    t.equal((await askShell(endpoint, {}, [])).status, 400, 'without it')
    t.equal((await askShell(endpoint, {}, [...METADATA, 'Origin: https://evil.example'])).status, 403)
    t.equal((await askShell(endpoint, { client_id: CLIENT })).status, 400, 'the machine’s own identity')
    const path = `/${endpoint.path}/cloudshell`
    const text = [...METADATA, 'Content-Type: text/plain', `Content-Length: ${ARM.length}\r\n\r\n${ARM}`]
    t.equal((await ask(endpoint, path, { method: 'POST', lines: text })).status, 400, 'no form')
    t.equal((await ask(endpoint, path, { method: 'POST', lines: METADATA, form: '' })).status, 400, 'empty')
    const large = await ask(endpoint, path, { method: 'POST', lines: METADATA, form: 'x'.repeat(9_000) })
    t.equal(large.status, 413)
    t.equal((await ask(endpoint, '/msi/token', { method: 'POST', form: ARM })).status, 405, 'nothing else is')
  },
)
