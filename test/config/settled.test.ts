/** What a configuration must not leave open: where its sessions rest, whose they are, and why something is not there. */
import t from 'tap'
import { chainTo } from '../../daemon/graph/chain.ts'
import { identityFor } from '../../daemon/graph/integrations.ts'
import { integrationNamed } from '../../daemon/graph/lookup.ts'
import { AuthError } from '../../shared/errors.ts'
import { configPlace } from '../helpers/config-place.ts'
import { loadText } from '../helpers/loaded.ts'

const PORTAL = "{ kind: aws/iam-identity-center, start_url: 'https://a.b/start', region: us-east-1"
const EKS = 'kind: aws/eks, spec: { cluster: { name: main, region: us-east-1 } }'

t.test('a keyring or a realm that lacks its value is replaced by no other', async (t) => {
  const errors = async (auth: string, settings = {}) => {
    const { problems } = await loadText(`auth: { ${auth} }`, {}, settings)
    return problems.filter(({ severity }) => severity === 'error').map(({ message }) => message)
  }
  const path = 'keyring: { type: file, spec: { path: !env DIR } }'
  const password = 'keyring: { type: file, spec: { password_env: !env DIR } }'
  const spec = 'keyring: { type: file, spec: !env DIR }'
  for (const [auth, what, settings] of [
    [path, 'keyring.spec.path', { ATMOS_KEYRING_FILE_PATH: '/v' }],
    [password, 'keyring.spec.password_env', { ATMOS_KEYRING_PASSWORD_ENV: 'P' }],
    [spec, 'keyring.spec', { ATMOS_KEYRING_FILE_PATH: '/v', ATMOS_KEYRING_PASSWORD_ENV: 'P' }],
    ['keyring: { type: !env DIR }', 'keyring.type', { ATMOS_KEYRING_TYPE: 'memory' }],
    ['keyring: !env DIR', 'keyring', { ATMOS_KEYRING_TYPE: 'memory' }],
    ['realm: !env DIR', 'realm', { ATMOS_AUTH_REALM: 'r' }],
  ] as const) {
    t.strictSame(await errors(auth), [`The variable DIR is not set, so ${what} cannot be used here.`], auth)
    t.strictSame(await errors(auth, settings), [], `${auth}: a setting counts more`)
  }
  t.match(await errors('realm: !exec hostname'), [/`!exec hostname` is not allowed/])
  t.strictSame(
    await errors('keyring: { type: memory, spec: { path: !env DIR } }'),
    [],
    'it is never looked at',
  )
  t.strictSame(await errors(path, { ATMOS_KEYRING_TYPE: 'memory' }), [])
  t.strictSame(await errors('logs: { file: !env DIR }'), [])
})

t.test('what stands in the way of a value is told apart', async (t) => {
  const user = (call: string) =>
    `auth: { identities: { u: { kind: aws/user, credentials: { access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: ${call} } } } }`
  const { open, at, trust, write } = await configPlace(t, {})
  const text = user('!exec vault read')
  write('project/atmos.yaml', text)
  const { digestOf } = await import('../../daemon/config/trust.ts')
  await trust.add([{ path: at('project/atmos.yaml'), digest: digestOf(text) }])
  const { graph } = await open({ environment: { '$(vault read)': null } })
  t.throws(() => chainTo(graph, 'u'), {
    code: 'EnvironmentMissing',
    message: 'The identity "u" needs `!exec vault read`, which gave nothing.',
    hint: /by hand/,
  })
  const { graph: odd } = await loadText(user('!env $(X'))
  t.throws(() => chainTo(odd, 'u'), { message: 'The identity "u" needs $(X, which is not set.' })
})

t.test('an integration’s identity is found as every other is', async (t) => {
  const { graph } = await loadText(`auth:
  providers: { sso: ${PORTAL} } }
  identities: { dev: { kind: aws/permission-set, alias: d, via: { provider: sso }, principal: { name: A, account: { name: dev } } } }
  integrations: { All: { via: { provider: sso }, ${EKS} } }
`)
  const node = integrationNamed(graph, 'all')
  t.equal(identityFor(graph, node, 'D'), 'dev')
  t.throws(() => identityFor(graph, node, 'dve'), { code: 'IdentityUnknown', hint: 'Did you mean "dev"?' })
  const withheld = new AuthError('PasswordRequired', 'locked')
  t.throws(() => identityFor({ ...graph, withheld }, node, 'dve'), { code: 'PasswordRequired' })
})

t.test('what a locked keyring hides is looked for again, whatever else is missing', async (t) => {
  let locked = true
  const lists = {
    version: () => 0,
    async of() {
      if (locked) throw new AuthError('PasswordRequired', 'locked')
      return { at: 0, accounts: [{ id: '111111111111', name: 'dev', roles: ['Admin'] }] } as never
    },
  }
  for (const [missing, environment] of [
    ['!env REGION', { REGION: null }],
    ['!exec region', {}],
  ] as const) {
    const one = `one: ${PORTAL}, auto_provision_identities: true }`
    const two = `two: ${PORTAL}, auto_provision_identities: true, spec: { endpoint_url: ${missing} } }`
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      locked = true
      const files = { 'project/atmos.yaml': `auth:\n  providers:\n    ${order.join('\n    ')}\n` }
      const { open } = await configPlace(t, files, lists)
      t.equal((await open({ environment })).graph.withheld?.code, 'PasswordRequired', order.join())
      locked = false
      t.ok((await open({ environment })).graph.identities.has('dev/Admin'), 'after the unlock')
      t.equal(await open({ environment }), await open({ environment }), 'and then it is kept')
    }
  }
})

t.test('a configuration is kept for the file that counts most and for its checkout', async (t) => {
  const { open, at, write } = await configPlace(t, {
    'a.yaml': 'import: b.yaml\nauth: {}\n',
    'b.yaml': 'auth: { logs: { file: !repo-root /none } }\n',
  })
  const one = await open({ config: [at('a.yaml')] })
  const two = await open({ config: [at('a.yaml'), at('b.yaml')] })
  t.strictSame([one.file, two.file], [at('a.yaml'), at('b.yaml')])
  t.not(one.graph.realm, two.graph.realm)
  write('.git/HEAD', '')
  t.not(await open({ config: [at('a.yaml')] }), one, 'a checkout of its own now')
})
