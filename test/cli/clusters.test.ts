/** Clusters of several clouds in one kubeconfig, by the commands of a person: real processes on the sandbox. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { AKS_APPLICATION } from '../cloud/azure-services.ts'
import type { Fault } from '../cloud/knobs.ts'
import { AKS_ID, type Clouds, cloudsPlace, GKE_ID, OWN_SERVER } from '../helpers/clouds.ts'
import { type Kubeconfig, plugin } from '../helpers/clusters.ts'

const ACR = 'myregistry.azurecr.io'
const GAR = 'europe-docker.pkg.dev'
const contexts = ({ contexts }: Kubeconfig) => contexts.map(({ name }) => name)
const userOf = ({ users }: Kubeconfig, whose: string) =>
  users.find(({ name }) => name.startsWith(`${whose}@`))?.user as Kubeconfig['users'][number]['user']
const login = (at: Clouds, identity: string) => at.does('login', '--no-browser', '-i', identity)
async function tokenOf(at: Clouds, whose: string): Promise<string> {
  const { stdout } = await plugin(at, userOf(at.kube(), whose))
  return (JSON.parse(stdout) as { status: { token: string } }).status.token
}

t.test('each cloud has its entries in one file, and a sign-out takes out its own', async (t) => {
  const at = await cloudsPlace(t)
  const theirs = `# mine
apiVersion: v1
clusters: [{name: home, cluster: {server: https://home.example}}]
contexts: [{name: home, context: {cluster: home, user: me}}]
users: [{name: me, user: {}}]
current-context: home
`
  const docker = '{ "credHelpers": { "ghcr.io": "pass" } }\n'
  for (const [file, text] of [
    [at.kubeFile, theirs],
    [at.dockerFile, docker],
  ] as const) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const azure = await login(at, 'sub')
  t.match(azure, `✓ aks: kubectl has the context\n  azure\n  ${at.kubeFile}\n`)
  t.match(azure, `✓ acr: Docker asks atmosd for tokens for\n  ${ACR}\n`)
  const google = await login(at, 'me')
  t.match(google, `✓ gke: kubectl has the context\n  google\n  ${at.kubeFile}\n`)
  t.match(google, `✓ gar: Docker asks atmosd for tokens for\n  ${GAR}\n`)
  await login(at, 'dev-admin')
  t.notMatch(await login(at, 'me'), /kubectl|Docker/, 'nothing is said where nothing changed')

  t.strictSame(contexts(at.kube()), ['home', 'azure', 'google', 'aws'], 'but not what is off')
  t.match(
    at.kube().clusters.map(({ name }) => name),
    ['home', `${AKS_ID}/main`, `${GKE_ID}/main`, /^arn:aws:eks:/],
  )
  const where = ['--chdir', at.project]
  const { exec } = userOf(at.kube(), 'me')
  t.match(exec, { command: 'atmosctl', interactiveMode: 'Never' })
  t.strictSame(exec.args, ['gke-token', '-i', 'me', ...where])
  t.strictSame(userOf(at.kube(), 'sub').exec.args, [
    ...['aks-token', '--server-id', AKS_APPLICATION, '-i', 'sub'],
    ...where,
  ])
  t.match(at.docker(), { credHelpers: { [ACR]: 'atmos', [GAR]: 'atmos', 'ghcr.io': 'pass' } })

  await at.does('logout', 'me')
  t.strictSame(contexts(at.kube()), ['home', 'azure', 'aws'])
  t.strictSame(Object.keys(at.docker().credHelpers ?? {}), ['ghcr.io', ACR])
  await at.does('logout', 'sub')
  t.strictSame(contexts(at.kube()), ['home', 'aws'])
  await at.does('logout', '--all')
  t.equal(readFileSync(at.kubeFile, 'utf8'), theirs)
  t.equal(readFileSync(at.dockerFile, 'utf8'), docker)
})

t.test('a cluster behind an application of its own gets tokens for that one', async (t) => {
  const at = await cloudsPlace(t)
  await login(at, 'sub')
  t.match(await at.entra.claims(await tokenOf(at, 'sub'), AKS_APPLICATION), { upn: 'ada@contoso.com' })
  at.entra.cluster('main', { serverId: OWN_SERVER })
  await at.does('update-kubeconfig', 'aks')
  t.match(userOf(at.kube(), 'sub').exec.args, ['aks-token', '--server-id', OWN_SERVER])
  t.match(await at.entra.claims(await tokenOf(at, 'sub'), OWN_SERVER), { upn: 'ada@contoso.com' })
  t.equal(at.entra.calls('EntraDeviceCode'), 1, 'and nobody was asked again')

  await at.does('daemon', 'restart')
  t.ok(await at.entra.claims(await tokenOf(at, 'sub'), OWN_SERVER), 'after a restart, too')
  await at.does('logout', '--provider', 'contoso')
  const out = await at.atmosctl(['aks-token', '-i', 'sub', '--server-id', OWN_SERVER])
  t.match(out, { code: 4, stdout: '', stderr: /Nobody is signed in to "contoso"/ })
})

t.test('update-kubeconfig takes an integration of any cloud, or those of an identity', async (t) => {
  const at = await cloudsPlace(t)
  await login(at, 'sub')
  const update = (...args: string[]) => at.atmosctl(['update-kubeconfig', ...args])
  t.match(await update('robot/gke', '--alias', 'as-robot', '--use'), { code: 0, stderr: /\n {2}as-robot\n/ })
  t.match(at.kube(), { 'current-context': 'as-robot' })
  t.strictSame(userOf(at.kube(), 'robot').exec.args.slice(0, 3), ['gke-token', '-i', 'robot'])
  t.match(await update('-i', 'me'), { code: 0, stderr: /gke: .*\n {2}google\n/ })
  t.match(await update(), { code: 0, stderr: /aks: kubectl has/ }, 'of the default identity')
  const dry = await update('gke', '--alias', 'elsewhere', '--dry-run')
  t.match(contexts(parse(dry.stdout) as Kubeconfig), ['azure', 'as-robot', 'google', 'elsewhere'])
  t.notOk(contexts(at.kube()).includes('elsewhere'))

  const entered = readFileSync(at.kubeFile, 'utf8')
  writeFileSync(at.kubeFile, 'contexts: [{name: azure, context: {cluster: x, user: y}}]\n')
  t.match(await update('aks'), { code: 2, stderr: /another tool entered: azure/ })
  t.match(await update('aks', '--force'), { code: 0 })
  t.match(at.kube().contexts, [{ name: 'azure', context: { cluster: `${AKS_ID}/main` } }])
  writeFileSync(at.kubeFile, entered)

  const refused: [string[], number, RegExp][] = [
    [
      ['aks', '--role-arn', 'arn:aws:iam::222222222222:role/Deploy'],
      2,
      /"aks" is of kind azure\/aks, which knows no roles/,
    ],
    [['--name', 'main', '-i', 'me'], 2, /"me" \(gcp\/project\) gives no credentials of AWS/],
    [['acr'], 2, /of kind azure\/acr\.\n {2}Apply it with `atmosctl registry-login acr`/],
    [['gke', '-i', 'sub'], 2, /"gke" does not go with "sub"/],
  ]
  for (const [args, code, stderr] of refused) t.match(await update(...args), { code, stderr }, args.join(' '))
  t.match(await at.atmosctl(['registry-login', 'gke']), { code: 2, stderr: /atmosctl update-kubeconfig gke/ })
})

t.test('a cluster that cannot be entered fails no sign-in, and says why', async (t) => {
  const at = await cloudsPlace(t)
  const status = (operation: Fault['operation'], status: number, message: string): (() => void) => {
    const target = operation === 'GkeCluster' ? at.cloud : at.entra
    return () => target.fault({ operation, kind: 'status', status, code: 'Denied', message })
  }
  const rows: [identity: 'me' | 'sub', plant: () => void, said: RegExp][] = [
    [
      'me',
      status('GkeCluster', 403, 'no'),
      /does not let you .*: no\n {2}Ask for the role roles\/container\.c/,
    ],
    ['me', () => at.cloud.google.clusters.set('main', null), /\(404\): Not found: projects\/my-project/],
    [
      'me',
      () => at.cloud.google.clusters.set('main', { endpoint: 'http://10.0.0.2' }),
      /is at http:\/\/10\.0\.0\.2, without TLS\.\n {2}No token is sent there/,
    ],
    [
      'me',
      () => at.cloud.google.clusters.set('main', { status: 'PROVISIONING' }),
      /still being made\.\n {2}Try again later/,
    ],
    ['sub', status('AksCredential', 403, 'no'), /does not let you .*: no\n {2}Ask for the role "Azure Kuber/],
    ['sub', () => at.entra.cluster('main', null), /'.*managedClusters\/main' under resource group 'apps'/],
    ['sub', () => at.entra.cluster('main', { local: true }), /takes no sign-in with Entra ID\.\n {2}Turn on/],
    [
      'sub',
      () => at.entra.cluster('main', { server: 'http://main.example' }),
      /described the cluster main with nothing usable/,
    ],
    [
      'sub',
      () => at.entra.fault({ operation: 'AksCredential', kind: 'huge' }),
      /could not be reached to describe the cluster/,
    ],
  ]
  for (const [identity, plant, said] of rows) {
    plant()
    const name = { me: 'gke', sub: 'aks' }[identity]
    const stderr = await login(at, identity)
    t.match(stderr, said, `${name}: ${said}`)
    t.match(
      stderr,
      new RegExp(`${name} was not applied: [\\s\\S]*Try again: \`atmosctl update-kubeconfig ${name}\``),
    )
    t.match(await at.atmosctl(['update-kubeconfig', name]), { code: /[1-9]/, stderr: said })
    at.cloud.clearFaults()
    at.entra.clearFaults()
    at.cloud.google.clusters.clear()
    at.entra.cluster('main', {})
  }
  t.match(at.docker(), { credHelpers: { [ACR]: 'atmos', [GAR]: 'atmos' } }, 'the registries are entered')
  t.match(await at.does('update-kubeconfig', 'gke'), /✓ gke: kubectl has/)
  t.match(await at.does('update-kubeconfig', 'aks'), /✓ aks: kubectl has/)
})
