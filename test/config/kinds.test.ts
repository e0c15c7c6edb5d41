/** Every kind's configuration: what the documents show is taken, what it becomes, and what JSON Schema says of it. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import t from 'tap'
import { parse } from 'yaml'
import { configurationSchema } from '../../daemon/config/json-schema.ts'
import { chainTo, endpointOf } from '../../daemon/graph/chain.ts'
import { catalog } from '../../daemon/kinds/catalog.ts'
import { loadText } from '../helpers/loaded.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures')
const examples = readdirSync(join(FIXTURES, 'examples')).map((name) => ({
  name,
  text: readFileSync(join(FIXTURES, 'examples', name), 'utf8'),
}))

function loaded(text: string, environment: Record<string, string | null> = {}) {
  return loadText(text, environment, { ATMOS_KEYRING_TYPE: 'memory' })
}

/** The checked configuration of one entry, and the problems of its file. */
async function checked(section: 'providers' | 'identities', entry: string) {
  const { graph, problems } = await loaded(`auth:\n  ${section}:\n    x: ${entry}\n`)
  return { config: graph[section].get('x')?.config, problems }
}

t.test('every example of the documents is taken', async (t) => {
  t.ok(examples.length >= 3)
  for (const { name, text } of examples) {
    const { problems } = await loaded(text)
    t.strictSame(
      problems.filter(({ severity }) => severity === 'error'),
      [],
      name,
    )
  }
  for (const kind of Object.keys(catalog))
    t.ok(
      examples.some(({ text }) => text.includes(`kind: ${kind}`)),
      kind,
    )
})

t.test('the catalogue has one line a file', async (t) => {
  const folders = ['providers', 'identities', 'integrations']
  const files = folders.flatMap((layer) => {
    const root = join(import.meta.dirname, '..', '..', 'daemon', 'kinds', layer)
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${layer}:${join(path, '..')}/${basename(path, '.ts')}`)
  })
  const roles = { provider: 'providers', identity: 'identities', integration: 'integrations' }
  const kinds = Object.entries(catalog).map(
    async ([name, kind]) => `${roles[(await kind()).default.role]}:${name}`,
  )
  t.strictSame((await Promise.all(kinds)).sort(), files.sort())
})

t.test('fields at either place, and names of old, become the same', async (t) => {
  const wif = (fields: string) =>
    checked('providers', `{ kind: gcp/workload-identity-federation, ${fields} }`)
  const wanted = {
    project_number: '1',
    workload_identity_pool_id: 'pool',
    workload_identity_provider_id: 'prov',
    region: 'us-central1',
  }
  for (const fields of [
    'project_number: "1", workload_identity_pool_id: pool, workload_identity_provider_id: prov, region: us-central1',
    'spec: { project_number: 1, workload_identity_pool: pool, workload_identity_provider: prov, region: us-central1 }',
    'workload_identity_pool: pool, workload_identity_pool_id: pool, region: us-central1, spec: { project_number: "1", region: us-central1, workload_identity_provider_id: prov }',
  ])
    t.strictSame((await wif(fields)).config, wanted, fields)

  const spec = 'spec: { location: eastus, endpoint_url: https://login.example }'
  t.strictSame((await checked('providers', `{ kind: azure/cli, tenant_id: T, ${spec} }`)).config, {
    tenant_id: 'T',
    location: 'eastus',
    spec: { endpoint_url: 'https://login.example' },
  })
  t.match((await checked('providers', '{ kind: github/oidc }')).config, {
    spec: { audience: 'sts.amazonaws.com' },
  })
  t.match(
    (
      await checked(
        'providers',
        '{ kind: aws/saml, region: us-east-1, url: https://idp.example, provider_type: ADFS }',
      )
    ).config,
    { driver: 'ADFS' },
  )
  t.match(
    (await checked('identities', '{ kind: gcp/project, principal: { project_id: p, location: us-east1-b } }'))
      .config,
    { principal: { zone: 'us-east1-b', location: undefined } },
  )
})

t.test('durations are written in one way everywhere', async (t) => {
  const seconds = async (written: string) => {
    const principal = `principal: { service_account_email: a@p.iam.gserviceaccount.com, lifetime: ${written} }`
    const { config } = await checked('identities', `{ kind: gcp/service-account, ${principal} }`)
    return (config as { principal: { lifetime: number } } | undefined)?.principal.lifetime
  }
  for (const [written, expected] of [
    ['3600', 3_600],
    ['"3600"', 3_600],
    ['3600s', 3_600],
    ['1h30m', 5_400],
    ['90m', 5_400],
    ['12h', 43_200],
    ['1h0m30s', 3_630],
    ['1s', 1],
    ['1.5h', undefined],
    ['1.5', undefined],
    ['-1h', undefined],
    ['1h 30m', undefined],
    ['2d', undefined],
    ['0', undefined],
    ['12h1s', undefined],
    ['""', undefined],
    ['true', undefined],
  ] as const)
    t.equal(await seconds(written), expected, written)
  const saml = 'kind: aws/saml, region: us-east-1, url: https://idp.example, session: { duration: 12h }'
  t.match((await checked('providers', `{ ${saml} }`)).config, { session: { duration: 43_200 } })
})

t.test('a variable that is not set keeps to its own entry', async (t) => {
  const text = `auth:
  providers:
    wif: { kind: gcp/workload-identity-federation, workload_identity_pool: !env POOL, spec: { project_number: !env NUMBER, workload_identity_provider_id: prov } }
    sso: { kind: aws/iam-identity-center, region: us-east-1, start_url: https://a.b }
  identities:
    here: { kind: aws/ambient }
    there: { kind: gcp/project, via: { provider: !env WHERE }, principal: { project_id: p } }
`
  const { graph, problems } = await loaded(text, { NUMBER: null, WHERE: null, POOL: null })
  const told = problems.filter(({ message }) => !message.startsWith('This version'))
  t.strictSame(
    told.map(({ severity, message }) => [severity, message.slice(0, message.indexOf(','))]),
    ['POOL', 'NUMBER', 'WHERE'].map((name) => ['warning', `The variable ${name} is not set`]),
  )
  t.throws(() => chainTo(graph, 'there'), { code: 'EnvironmentMissing' })
})

t.test('regions and addresses, at their places and in their older spellings', async (t) => {
  const everywhere = examples.find(({ name }) => name === 'everywhere.yaml')?.text ?? ''
  const { graph } = await loaded(everywhere)
  t.equal(endpointOf(chainTo(graph, 'bare'), 'sts'), 'https://old.example')
  t.equal(endpointOf(chainTo(graph, 'set'), 'ecr'), 'https://ecr.example')
  t.equal(endpointOf(chainTo(graph, 'set'), 'sts'), undefined)
  t.equal(chainTo(graph, 'here').region, 'eu-west-1')
  t.equal(graph.providers.get('old-pool')?.region, 'northamerica-northeast1')
})

t.test('names are found in any case', async (t) => {
  const { graph, problems } = await loaded(`auth:
  providers:
    SSO: { kind: aws/iam-identity-center, region: us-east-1, start_url: https://a.b }
  identities:
    Dev: { kind: aws/permission-set, via: { provider: sso }, principal: { name: A, account: { name: d } } }
    prod: { kind: aws/assume-role, via: { identity: dev }, principal: { assume_role: arn:aws:iam::111111111111:role/R } }
`)
  t.strictSame(problems, [])
  t.strictSame(
    chainTo(graph, 'PROD').steps.map(({ node }) => node.name),
    ['SSO', 'Dev', 'prod'],
  )
})

t.test('every kind does what it is there for', async (t) => {
  for (const [name, find] of Object.entries(catalog)) {
    const { default: kind } = await find()
    const work = kind.role === 'provider' ? kind.login : kind.role === 'identity' ? kind.assume : kind.apply
    t.type(work, 'function', name)
  }
})

t.test('JSON Schema', async (t) => {
  const validator = new Ajv.default({ strict: false, allErrors: true }).compile(await configurationSchema())
  /** As an editor sees it: a YAML function is the text behind its tag. */
  const asEditor = (text: string) => parse(text, { logLevel: 'silent' }) as unknown
  const accepts = (text: string) => (validator(asEditor(text)) ? [] : (validator.errors ?? []))

  await t.test('takes every example', async (t) => {
    for (const { name, text } of examples) {
      t.strictSame(accepts(text), [], name)
    }
    t.strictSame(accepts('components: {}\nauth:\n  providers:\n'), [], 'a heading with nothing below it')
    t.strictSame(accepts('auth: !include auth.yaml\n'), [])
    t.strictSame(accepts('auth: { identities: { dev: { default: true } } }\n'), [], 'adds to a lower layer')
    t.strictSame(
      accepts(
        'auth: { providers: { p: { kind: gcp/adc, default: !env DEFAULT, region: !env REGION }, q: !include q.yaml } }\n',
      ),
      [],
    )
  })

  await t.test('refuses what is broken in its shape', async (t) => {
    const shapes = [
      'entry-is-a-list',
      'envelope-console',
      'envelope-keyring-spec',
      'envelope-layer-is-a-list',
      'kind-unknown-provider',
      'kind-unknown-identity',
      'kind-unknown-integration',
      'kind-integration-in-identities',
      'provider-tags',
      'provider-session-unknown',
      'identity-via-misspelt',
      'iam-identity-center-empty',
      'iam-identity-center-unknown-key',
      'github-oidc-audience-at-the-top',
      'gcp-adc-unknown-in-spec',
      'gcp-wif-empty',
      'azure-cli-client',
      'azure-oidc-client-missing',
      'permission-set-principal',
      'ecr-unknown-key',
      'aks-group',
    ]
    for (const name of shapes) {
      const text =
        name === 'entry-is-a-list'
          ? 'auth: { identities: { a: [kind, aws/user] } }'
          : readFileSync(join(FIXTURES, 'broken', `${name}.yaml`), 'utf8')
      t.not(accepts(text).length, 0, name)
    }
  })

  await t.test('explains itself', async (t) => {
    const { $defs = {} } = await configurationSchema()
    for (const kind of Object.keys(catalog)) {
      const definition = $defs[kind.replace('/', '.')] as { title: string; description: string }
      t.equal(definition.title, kind)
      t.match(definition.description, /^\S.{8,}/, kind)
    }
  })
})
