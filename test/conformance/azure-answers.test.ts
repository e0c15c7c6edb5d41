/** What managed identities answer. Numbers are those of protocols.md, 7.7. */
import t from 'tap'
import { verifiedJwt } from '../cloud/jwt.ts'
import { askMachine, askService, askShell } from '../helpers/azure-asking.ts'
import { type AzureEndpoint, azureEndpoint } from '../helpers/azure-endpoint.ts'
import { CLIENT, MANAGEMENT, TENANT } from '../helpers/azure-tenant.ts'

const MINUTE_MS = 60_000

let endpoint: AzureEndpoint
t.beforeEach(async () => {
  endpoint = await azureEndpoint()
})
t.afterEach(() => endpoint.stop())

const claims = (body: string) => verifiedJwt(JSON.parse(body).access_token) ?? {}
const forms = [askService, askMachine, askShell]

t.test('170, 183: every member that a client reads is there, as a text', async (t) => {
  for (const form of forms) {
    const { status, headers, body } = await form(endpoint)
    t.equal(status, 200, form.name)
    t.match(headers, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    t.match(JSON.parse(body), {
      access_token: /^ey[\w-]+\.[\w-]+\.[\w-]+$/,
      token_type: 'Bearer',
      expires_in: /^\d+$/,
      expires_on: /^\d+$/,
      not_before: /^\d+$/,
      resource: /^https:/,
      client_id: CLIENT,
    })
  }
})

t.test('171: its end is counted when it is answered', async (t) => {
  for (const passed of [0, 10, 20]) {
    if (passed > 0) endpoint.turn(10 * MINUTE_MS)
    const { expires_in, expires_on, not_before } = JSON.parse((await askService(endpoint)).body)
    const now = endpoint.now() / 1000
    t.ok(Math.abs(Number(expires_on) - now - Number(expires_in)) <= 2, `after ${passed} minutes`)
    t.ok(Math.abs(3_600 - passed * 60 - Number(expires_in)) <= 3, expires_in)
    t.ok(Number(not_before) <= now - passed * 60 + 1)
  }
  t.strictSame(endpoint.calls, [MANAGEMENT])
})

t.test('172, 173: the token is for the resource that was asked for, however it was written', async (t) => {
  const aks = '6dae42f8-4368-4678-94ff-3960e28e3630'
  const vault = ['https://vault.azure.net', 'https://vault.azure.net/']
  for (const resource of [...vault, 'https://storage.azure.com/', aks, 'api://44444444-dddd-4ddd/x']) {
    const { status, body } = await askMachine(endpoint, { resource })
    t.equal(status, 200, `${resource} ${body}`)
    t.equal(JSON.parse(body).resource, resource)
    t.equal(claims(body).aud, resource.replace(/\/$/, ''))
  }
  t.equal(endpoint.calls.length, 4, 'and one of each is held')
  t.equal(endpoint.calls[0], 'https://vault.azure.net/.default')
  const resource = 'https://graph.microsoft.com'
  endpoint.tenant.claims = { aud: '00000003-0000-0000-c000-000000000000' }
  t.equal(
    (await askMachine(endpoint, { resource })).status,
    200,
    'an application’s id stands for its address',
  )
  endpoint.tenant.claims = { aud: 'https://evil.example' }
  const other = await askMachine(endpoint, { resource: 'https://database.windows.net/' })
  t.equal(other.status, 403)
  t.notMatch(other.body, /access_token|ey[\w-]+\./, 'one for another is not handed out')
})

t.test('173: of the resource that a sign-in is for, its own token is given', async (t) => {
  await endpoint.signIn()
  t.equal((await askService(endpoint)).status, 200)
  t.strictSame(endpoint.calls, [MANAGEMENT])
  t.equal((await askService(endpoint, { resource: 'https://vault.azure.net' })).status, 200)
  t.equal(endpoint.calls.length, 2)
})

t.test('173: one grant may not ask for any number of resources', async (t) => {
  for (let one = 0; one < 64; one++)
    t.equal((await askService(endpoint, { resource: `https://a${one}.vault.azure.net` })).status, 200)
  const more = await askService(endpoint, { resource: 'https://b.vault.azure.net' })
  t.equal(more.status, 403)
  t.match(JSON.parse(more.body).message, /so many/)
  t.equal((await askService(endpoint, { resource: 'https://a1.vault.azure.net/' })).status, 200)
})

t.test('189: it lasts 25 minutes, where it can', async (t) => {
  const lasts = async () => Number(JSON.parse((await askMachine(endpoint)).body).expires_in)
  t.ok((await lasts()) >= 1_500)
  endpoint.turn(36 * MINUTE_MS)
  t.ok((await lasts()) >= 3_590, 'a new one, with 24 minutes left')
  t.equal(endpoint.calls.length, 2)
  endpoint.turn(36 * MINUTE_MS)
  endpoint.hang()
  const begun = performance.now()
  t.ok((await lasts()) >= 1_430, 'the old one, where there is no new one')
  t.ok(performance.now() - begun < 1_200, 'soon')
})

t.test('189: a token that lives shorter than that is none the worse', async (t) => {
  endpoint.tenant.lifeMs = 10 * MINUTE_MS
  for (let turn = 0; turn < 5; turn++) t.equal((await askMachine(endpoint)).status, 200)
  t.equal(endpoint.calls.length, 1)
})

t.test('193: it says of what tenant it is, which az looks for', async (t) => {
  t.match(claims((await askService(endpoint)).body), { tid: TENANT, oid: /./ })
})

t.test(
  '192, 194, 195, 196: a tool begins with these variables, and none that would win over them',
  async (t) => {
    const before = {
      IMDS_ENDPOINT: 'http://x',
      IDENTITY_SERVER_THUMBPRINT: 'x',
      MSI_ENDPOINT: 'http://x',
      MSI_SECRET: 'x',
      AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://x',
    }
    const env = endpoint.environment(before)
    const { secret, path, port, base } = endpoint
    const url = `http://127.0.0.1:${port}${base}`
    t.match(env, { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: secret })
    t.equal(env.MSI_ENDPOINT, `${url}/${path}/cloudshell`)
    t.equal(env.ARM_MSI_ENDPOINT, `${url}/${path}/metadata/identity/oauth2/token`)
    const gone = [
      'IMDS_ENDPOINT',
      'IDENTITY_SERVER_THUMBPRINT',
      'MSI_SECRET',
      'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    ]
    for (const name of gone) t.notOk(name in env, name)
  },
)
