/**
 * Azure's SDKs, unmodified, get tokens by nothing but the variables of `exec`, and others once those are about to end.
 * Each is a process of its own, as SDKs choose the way to their tokens once a process.
 */
import t from 'tap'
import { AuthError } from '../../shared/errors.ts'
import { verifiedJwt } from '../cloud/jwt.ts'
import { type AzureClient, go, java, javascript, py } from '../helpers/azure-clients.ts'
import { azureEndpoint } from '../helpers/azure-endpoint.ts'
import { talk } from '../helpers/talk.ts'

const RESOURCE = 'https://vault.azure.net'
/** SDKs hold no token that ends within five minutes, so that nobody's clock but the server's need be turned. */
const LIFE_MS = 4 * 60_000

/** What somebody may have set, and a tool must not follow. */
const leftovers = {
  HTTP_PROXY: 'http://127.0.0.1:1',
  IMDS_ENDPOINT: 'http://127.0.0.1:1',
  MSI_SECRET: 'x',
  AZURE_CLIENT_ID: 'x',
  AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1',
}

const MANAGED = 'ManagedIdentityCredential'
const DEFAULT = 'DefaultAzureCredential'
/** Variables that an SDK would look at before those of the Cloud Shell and of a machine. */
const service = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']
const byForm = { as: '185: as the Cloud Shell is asked', without: service }
const byPath = { as: '169: as a machine is asked', without: [...service, 'MSI_ENDPOINT'], isMachine: true }

interface Client extends AzureClient {
  /** Variables that are taken away, for what is tried next. */
  without?: string[]
  isMachine?: boolean
  as?: string
}

const sdks: Client[] = [{ ...javascript, name: '191: JavaScript' }, py, { ...go, name: '192: Go' }, java]
const clients: Client[] = [
  ...sdks.flatMap((sdk) => [MANAGED, DEFAULT].map((which) => ({ ...sdk, command: [...sdk.command, which] }))),
  ...sdks
    .filter(({ name }) => name !== 'Python') // it asks again no sooner than at the end
    .map((sdk) => ({ ...sdk, ...byForm, command: [...sdk.command, MANAGED] })),
  ...sdks.slice(0, 2).map((sdk) => ({ ...sdk, ...byPath, command: [...sdk.command, MANAGED] })),
  { name: '188, 190: azurerm', skip: go.skip, command: [...go.command, 'terraform'] },
]

for (const { name, skip, command, without = [], isMachine, as } of clients) {
  const title = `${as ? `${as}, ${name.replace(/^\d+: /, '')}` : name} (${command.at(-1)})`
  t.test(`${title}, across an expiry, a slow tenant and a refusal`, { skip }, async (t) => {
    const endpoint = await azureEndpoint()
    t.teardown(endpoint.stop)
    const { tenant } = endpoint
    tenant.lifeMs = LIFE_MS
    const env = endpoint.environment({ ...process.env, ...leftovers })
    for (const name of without) delete env[name]
    if (isMachine) env.AZURE_POD_IDENTITY_AUTHORITY_HOST = endpoint.authority
    const { ask, end } = talk(command, env)
    t.teardown(end)
    const first = await ask(`${RESOURCE}/.default`)
    t.match(verifiedJwt(first.token ?? ''), { aud: RESOURCE }, JSON.stringify(first))

    endpoint.turn(LIFE_MS)
    const second = await ask(`${RESOURCE}/.default`)
    t.match(verifiedJwt(second.token ?? ''), { aud: RESOURCE }, JSON.stringify(second))
    t.not(second.token, first.token)

    const token = tenant.token
    tenant.token = (scope) => new Promise((resolve) => setTimeout(() => resolve(token(scope)), 1_500))
    const slow = await ask('https://storage.azure.com/.default')
    t.match(verifiedJwt(slow.token ?? ''), { aud: 'https://storage.azure.com' }, JSON.stringify(slow))

    await t.test('190, 191: a refusal is asked for once, and shown', async (t) => {
      tenant.token = () => Promise.reject(new AuthError('LoginRequired', 'Nobody is signed in.'))
      const before = endpoint.requests()
      const refused = await ask('https://graph.microsoft.com/.default')
      t.match(refused.error, /Nobody is signed in\. Run `atmosctl login -i dev`/, JSON.stringify(refused))
      t.equal(endpoint.requests() - before, 1)
    })
  })
}
