/** How managed identities refuse. Numbers are those of protocols.md, 7.7. */
import t from 'tap'
import { azureFailure } from '../../daemon/endpoints/azure-answer.ts'
import { AuthError, type FailureCode, failures, isTransient } from '../../shared/errors.ts'
import { askMachine, askService, askShell } from '../helpers/azure-asking.ts'
import { type AzureEndpoint, azureEndpoint } from '../helpers/azure-endpoint.ts'

let endpoint: AzureEndpoint
t.beforeEach(async () => {
  endpoint = await azureEndpoint()
})
t.afterEach(() => endpoint.stop())

const forms = [askService, askMachine, askShell]

t.test('177, 178, 179, 197: every failure is told so that no client misreads it', async (t) => {
  for (const code of Object.keys(failures) as FailureCode[]) {
    const message = `The portal is Unreachable. ${'"é\u001b[31m'.repeat(200)}`
    const error = new AuthError(code, message, { hint: 'Run `atmosctl login`.' })
    const { status, headers, body } = azureFailure(error)
    t.ok([400, 403, 405, 500, 503].includes(status), `${code}: ${status}`)
    t.equal(status === 503, isTransient(error), code)
    t.equal(headers['Retry-After'], status === 503 ? '1' : undefined, code)
    t.ok(body.length <= 512, `${code}: ${body.length} bytes`)
    const said = JSON.parse(body.toString())
    t.match(said, { error: /^[a-z_]+$/, error_description: said.message, statusCode: status }, code)
    t.match(said.message, /^The portal is out of reach\. .+… Run `atmosctl login`\.$/, code)
    t.notMatch(said.message, /unreachable|\p{Cc}/iu, code)
  }
})

t.test('177, 178: what the tenant refuses is refused for good, and told', async (t) => {
  endpoint.tenant.token = () =>
    Promise.reject(new AuthError('LoginRequired', 'Nobody is signed in.', { hint: 'Run `atmosctl login`.' }))
  for (const form of forms) {
    const { status, body } = await form(endpoint)
    t.equal(status, 403, form.name)
    const message = 'Nobody is signed in. Run `atmosctl login -i dev`.'
    const all = { error: 'unauthorized_client', error_description: message, message, statusCode: 403 }
    t.strictSame(JSON.parse(body), all)
  }
  t.equal(endpoint.calls.length, 2, 'asked once for each resource')
})

t.test('179: one that does not answer is waited for, for a while', async (t) => {
  endpoint.hang()
  const begun = performance.now()
  const { status, headers, body } = await askService(endpoint)
  const took = performance.now() - begun
  t.equal(status, 503)
  t.equal(headers['retry-after'], '1')
  t.match(JSON.parse(body), { error: 'temporarily_unavailable', statusCode: 503 })
  t.ok(took > 2_900 && took < 3_600, `${Math.round(took)} ms`)
})

t.test('a grant that has been revoked is refused at once', async (t) => {
  t.equal((await askService(endpoint)).status, 200)
  await endpoint.revoke()
  for (const form of forms) t.equal((await form(endpoint)).status, 403, form.name)
})
