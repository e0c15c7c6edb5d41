/** Sign-outs that come in the middle of something: a locked keyring, another's name, a credential on its way. */
import t from 'tap'
import { giveCredential } from '../../daemon/operations/credential.ts'
import { applyIntegrations } from '../../daemon/operations/integrations.ts'
import { signIn } from '../../daemon/operations/login.ts'
import { logout } from '../../daemon/operations/logout.ts'
import { logoutAll } from '../../daemon/operations/logout-all.ts'
import { AuthError } from '../../shared/errors.ts'
import { exampleConfig } from '../cloud/example.ts'
import type { Account } from '../cloud/state.ts'
import { failure } from '../helpers/failure.ts'
import { type Running, running } from '../helpers/running.ts'

const [ONE, TWO, THREE] = ['111111111111', '222222222222', '333333333333'] as const
const hostOf = (account: string) => `${account}.dkr.ecr.us-east-2.amazonaws.com`

const config = (url: string) => `${exampleConfig(url)}  integrations:
    registry:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { registry: { account_id: "${ONE}", region: us-east-2 } }
    cluster:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { cluster: { name: main, region: us-east-2 } }
`

function applying(at: Running, more: object = {}) {
  const places = { kubeconfigs: ['/kube'], file: '/docker' }
  const request = { workspace: at.workspace, registries: [], ...places, static: false, auto: false, ...more }
  return applyIntegrations(at.app.house, request)
}

t.test('a locked keyring: the next try still tells what clients entered', async (t) => {
  const at = await running({ config })
  t.teardown(() => at.stop())
  const { house } = at.app
  await at.signIn()
  t.equal((await applying(at, { type: 'kubeconfig' })).applied.length, 1)
  const { open } = house.keyrings
  house.keyrings.open = () => Promise.reject(new AuthError('PasswordRequired', 'It is locked.'))
  const request = { workspace: at.workspace, all: false, dryRun: false }
  t.match(await failure(logout(house, request)), { code: 'PasswordRequired' })
  house.keyrings.open = open
  t.match(await logout(house, request), {
    clusters: [{ cluster: `arn:aws:eks:us-east-2:${ONE}:cluster/main` }],
  })
})

t.test('a registry in a locked keyring keeps nobody from signing out', async (t) => {
  const at = await running({ config })
  t.teardown(() => at.stop())
  const { house } = at.app
  for (const out of [
    () => logoutAll(house, { dryRun: false }),
    () => logout(house, { workspace: at.workspace, all: false, dryRun: false }),
  ]) {
    await at.signIn()
    await applying(at)
    const chain = await house.registryChains.of(house.registries.at(hostOf(ONE)) as never)
    house.registryChains.learn(hostOf(ONE), { ...chain, keyring: { type: 'file', vault: '/locked/vault' } })
    t.match(await out(), { registries: [{ host: hostOf(ONE) }] })
    t.strictSame(house.registries.list(), [])
  }
})

t.test('what is on its way at the end of everything does not arrive after it', async (t) => {
  const at = await running({ config })
  t.teardown(() => at.stop())
  const { house } = at.app
  await at.signIn()
  at.cloud.delay('AssumeRole', 200)
  const asked = failure(giveCredential(house, { workspace: at.workspace, identity: 'prod-admin' }))
  while (at.cloud.calls('AssumeRole') === 0) await new Promise(setImmediate)
  await logoutAll(house, { dryRun: false })
  t.match(await asked, { code: 'LoginRequired' })
  t.strictSame([...house.broker.held.all()], [])
  t.strictSame(await house.broker.held.keys({ type: 'memory' }), [])
})

t.test('the account counts and not its name, for grants and for registries', async (t) => {
  const account = (id: string, name: string): Account => ({ id, name, roles: ['Admin'] })
  const at = await running({
    cloud: { accounts: [account(ONE, 'dev'), account(TWO, 'prod'), account(THREE, 'audit')] },
    config: (url) =>
      exampleConfig(url).replace('      spec:', '      auto_provision_identities: true\n      spec:'),
    listingsPerSecond: 1_000,
  })
  t.teardown(() => at.stop())
  const { house } = at.app
  const list = () =>
    signIn(
      house,
      { workspace: at.workspace, provider: 'company-sso' },
      () => {},
      new AbortController().signal,
    )
  await list()
  const { id } = await at.grant('prod/Admin')
  t.strictSame((await applying(at, { identity: 'prod/Admin', registries: [hostOf(TWO)] })).failed, [])
  at.cloud.assign([account(TWO, 'production'), account(THREE, 'prod')])
  await list()
  house.registryChains.forget(hostOf(TWO))
  const chain = await house.registryChains.of(house.registries.at(hostOf(TWO)) as never)
  t.equal(chain.steps.at(-2)?.node.name, 'production/Admin')

  const out = (identity: string) =>
    logout(house, { workspace: at.workspace, identity, all: false, dryRun: false })
  t.match(await out('prod/Admin'), { grants: 0, registries: [] }, 'another’s, though it has the name')
  t.equal(house.grants.list()[0]?.id, id)
  t.match(await out('production/Admin'), { grants: 1, registries: [{ host: hostOf(TWO) }] })
})
