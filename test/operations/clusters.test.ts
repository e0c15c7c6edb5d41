/** Clusters for kubeconfig in the daemon: how long a sign-in waits for one, where it may be entered, and what is kept. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openClusters } from '../../daemon/grants/clusters.ts'
import { applyIntegrations } from '../../daemon/operations/integrations.ts'
import { logout } from '../../daemon/operations/logout.ts'
import { exampleConfig } from '../cloud/example.ts'
import { manualClock, turned } from '../helpers/clock.ts'
import { running } from '../helpers/running.ts'

const config = (url: string) => `${exampleConfig(url)}  integrations:
    usual:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { cluster: { name: main, region: us-east-2 } }
    home:
      kind: aws/eks
      via: { provider: company-sso }
      spec: { cluster: { name: main, region: us-east-2, kubeconfig: { path: ~/kube } } }
    near:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { cluster: { name: main, region: us-east-2, kubeconfig: { path: near/kube } } }
    absolute:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { cluster: { name: main, region: us-east-2, kubeconfig: { path: /k } } }
`

const ARN = 'arn:aws:eks:us-east-2:111111111111:cluster/main'

t.test('each is entered where the configuration or kubectl says; a sign-in waits ten seconds', async (t) => {
  const clock = manualClock(Date.now())
  const at = await running({ clock, config })
  t.teardown(() => at.stop())
  const { house } = at.app
  await turned(clock, at.signIn())
  const places = { kubeconfigs: ['/one', '/two'], home: '/home/me' }
  const request = { workspace: at.workspace, registries: [], file: '/dev/null', static: false, auto: true }
  const reply = await applyIntegrations(house, { ...request, ...places })
  t.strictSame(reply.failed, [])
  const files = Object.fromEntries(
    reply.applied.map((applied) => [applied.integration, 'files' in applied && applied.files]),
  )
  const near = join(at.workspace.directory, 'near', 'kube')
  t.strictSame(files, { usual: ['/one', '/two'], home: ['/home/me/kube'], near: [near], absolute: ['/k'] })
  t.match(reply.applied[0], { context: ARN, cluster: ARN, user: `dev-admin@${ARN}`, update: 'merge' })

  at.cloud.resetCalls()
  at.cloud.fault({ operation: 'DescribeCluster', kind: 'hang' })
  const hanging = applyIntegrations(house, { ...request, ...places })
  while (at.cloud.calls('DescribeCluster') < 4) await clock.advance(0)
  const late = await turned(clock, hanging, 1_000)
  t.equal(late.failed.length, 4)
  t.match(late.failed[0], { integration: 'usual', type: 'kubeconfig', failure: { code: 'Pending' } })
  at.cloud.clearFaults()
  const old = await applyIntegrations(house, { ...request, kubeconfigs: [] })
  const tooOld = { code: 'BadRequest', message: /too old/ }
  t.match(old.failed, [
    { integration: 'usual', failure: tooOld },
    { integration: 'home', failure: tooOld },
  ])
  t.equal(old.applied.length, 2)

  const out = { workspace: at.workspace, all: false }
  const would = await logout(house, { ...out, dryRun: true })
  t.equal(would.clusters?.length, 4, 'remembered once, however often they are applied')
  t.strictSame((await logout(house, { ...out, dryRun: false })).clusters, would.clusters)
  t.strictSame((await logout(house, { ...out, dryRun: false })).clusters, [])
})

t.test('EKS no longer takes the session: a new one is used', async (t) => {
  const at = await running({ config })
  t.teardown(() => at.stop())
  await at.signIn()
  const expired = { kind: 'status', status: 403, code: 'ExpiredTokenException', times: 1 } as const
  at.cloud.fault({ operation: 'DescribeCluster', ...expired })
  const before = at.cloud.calls('GetRoleCredentials')
  const reply = await applyIntegrations(at.app.house, {
    ...{ workspace: at.workspace, registries: [], kubeconfigs: ['/one'], file: '/dev/null' },
    ...{ static: false, auto: false, integration: 'usual' },
  })
  t.strictSame(reply.failed, [])
  t.equal(at.cloud.calls('GetRoleCredentials'), before + 1)
})

t.test('what was entered is kept', async (t) => {
  const path = join(t.testdir({}), 'clusters.json')
  const clusters = await openClusters(path)
  const of = (identity: string, file: string) => ({
    ...{ identity, realm: 'r', context: 'dev', cluster: ARN, user: `${identity}@${ARN}` },
    files: [file],
  })
  await Promise.all(['/a', '/b', '/a'].map((file) => clusters.add(of('dev', file))))
  await clusters.add(of('prod', '/a'))
  const read = await openClusters(path)
  t.strictSame(read.list(), [of('dev', '/a'), of('dev', '/b'), of('prod', '/a')])
  await read.add(of('prod', '/a'))
  t.strictSame(await read.forget(({ identity }) => identity === 'dev'), [of('dev', '/a'), of('dev', '/b')])
  t.strictSame((await openClusters(path)).list(), [of('prod', '/a')])
  writeFileSync(path, '{')
  await t.rejects(openClusters(path), { code: 'StoreDamaged', hint: /update-kubeconfig/ })
})
