/** Clusters of EKS in kubeconfig: real processes on the sandbox cloud, and kubectl's protocol up to a server with TLS. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import {
  apiServer,
  certificate,
  integrations,
  type Kubeconfig,
  place,
  plugin,
  version,
} from '../helpers/clusters.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures')
const DEV = 'arn:aws:eks:us-east-2:111111111111:cluster/main'
const PROD = 'arn:aws:eks:eu-west-1:222222222222:cluster/main'

t.test('234: a sign-in lets kubectl in, from anywhere, and a sign-out takes all of it back', async (t) => {
  const at = await place(t)
  const server = await apiServer(t, at, 'main')
  const login = await at.login()
  t.equal(login.code, 0)
  t.match(login.stderr, `✓ dev/eks: kubectl has the context, and uses it\n  dev\n  ${at.file}\n`)
  t.notMatch(login.stderr, /by-hand|prod|PATH/, 'neither what is off nor what is of another identity')
  const { clusters, users, contexts, 'current-context': current } = at.kube()
  t.match(clusters, [
    { name: DEV, cluster: { server, 'certificate-authority-data': certificate.toString('base64') } },
  ])
  t.match(contexts, [{ name: 'dev', context: { cluster: DEV, user: `dev-admin@${DEV}` } }])
  t.equal(current, 'dev', 'where nothing was used')
  t.equal(statSync(at.file).mode & 0o777, 0o600)
  t.equal(statSync(join(at.path, '.kube')).mode & 0o777, 0o700)
  const [{ user }] = users as [Kubeconfig['users'][number]]
  t.match(user.exec, {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'atmosctl',
    args: [
      'eks-token',
      '--cluster-name',
      'main',
      '--region',
      'us-east-2',
      '-i',
      'dev-admin',
      '--chdir',
      at.project,
    ],
    installHint: /atmosctl/,
    interactiveMode: 'Never',
    provideClusterInfo: false,
  })
  const again = await at.login()
  t.notMatch(again.stderr, /kubectl/, 'nothing is said where nothing changed')

  const token = await plugin(at, user)
  t.match(token, { code: 0, stderr: '', stdout: /^\{"apiVersion":"client.authentication.k8s.io\/v1"/ })
  const { status } = JSON.parse(token.stdout) as { status: { token: string } }
  t.equal(await version(server, status.token), 200, 'the server lets it in')
  t.equal(await version(server, 'k8s-aws-v1.eA'), 401, 'and no other')

  const dry = await at.atmosctl(['logout', 'dev-admin', '--dry-run'])
  t.match(dry.stdout, 'context  dev')
  t.match(at.kube().contexts, [{ name: 'dev' }], 'and changed nothing')
  const out = await at.atmosctl(['logout', 'dev-admin'])
  t.match(out, { code: 0, stderr: /context {2}dev/ })
  t.notMatch(readFileSync(at.file, 'utf8'), /dev|arn|atmos/)
  t.strictSame(
    readdirSync(join(at.path, '.kube')).filter((name) => name !== 'cache'),
    ['config'],
  )
})

t.test('the file: of KUBECONFIG or of the configuration, with its mode and through links', async (t) => {
  const at = await place(t)
  for (const name of ['comments.yaml', 'kubectl.yaml', 'none.yaml'])
    writeFileSync(join(at.path, name), readFileSync(join(FIXTURES, 'kube', name)))
  const [comments, kubectl, none] = ['comments.yaml', 'kubectl.yaml', 'none.yaml'].map((name) =>
    join(at.path, name),
  )
  const before = (path = '') => readFileSync(join(FIXTURES, 'kube', path.split('/').at(-1) ?? ''), 'utf8')
  chmodSync(comments as string, 0o640)
  symlinkSync(comments as string, join(at.path, 'link'))
  const KUBECONFIG = `${join(at.path, 'missing')}:${join(at.path, 'link')}::${kubectl}`
  t.match(await at.login({ KUBECONFIG }), {
    code: 0,
    stderr: `kubectl has the context\n  dev\n  ${at.path}/link\n`,
  })
  t.ok(lstatSync(join(at.path, 'link')).isSymbolicLink())
  t.equal(statSync(comments as string).mode & 0o777, 0o640, 'the mode is kept')
  t.equal(at.kube(comments)['current-context'], undefined, 'another file says which context is used')
  t.equal(readFileSync(kubectl as string, 'utf8'), before(kubectl))
  const swapped = { KUBECONFIG: `${none}:${comments}` }
  const used = await at.atmosctl(['update-kubeconfig', 'dev/eks', '--use'], { env: swapped })
  t.match(used, { code: 0, stderr: /and uses it/ })
  t.equal(at.kube(comments)['current-context'], 'dev', 'an entry of ours is changed where it is')
  t.equal(readFileSync(none as string, 'utf8'), before(none))

  t.match(await at.atmosctl(['update-kubeconfig', '-i', 'prod-admin']), { code: 0, stderr: PROD })
  const own = join(at.project, 'kube', 'prod')
  t.match(at.kube(own).contexts, [{ name: PROD }], 'named by its id, without an alias')
  t.equal(statSync(own).mode & 0o777, 0o640)
  chmodSync(own, 0o600)
  await at.atmosctl(['update-kubeconfig', 'prod/eks'])
  t.equal(statSync(own).mode & 0o777, 0o640, 'the mode is set where nothing else changes')
  t.equal((await at.atmosctl(['logout', '--all'])).code, 0)
  t.equal(readFileSync(comments as string, 'utf8'), before(comments), 'to the byte')
  t.equal(readFileSync(own, 'utf8'), '')
  t.notOk(existsSync(at.file))
})

t.test('a failing integration fails no sign-in; update-kubeconfig tries again', async (t) => {
  const at = await place(t)
  at.cloud.fault({ operation: 'DescribeCluster', kind: 'status', status: 403, code: 'AccessDeniedException' })
  const login = await at.login()
  t.equal(login.code, 0)
  t.match(login.stderr, /dev\/eks was not applied: AWS refused to describe the cluster main: AccessDenied/)
  t.match(login.stderr, /Try again: `atmosctl update-kubeconfig dev\/eks`/)
  t.notOk(existsSync(at.file))
  at.cloud.clearFaults()
  type Change = Parameters<typeof at.cloud.cluster>[1]
  const states: [Change, number, RegExp][] = [
    [null, 5, /ResourceNotFoundException: No cluster found for name: main/],
    [{ status: 'CREATING' }, 5, /still being made/],
    [{ status: 'DELETING' }, 5, /cannot be used: it is DELETING/],
    [{ status: 'FAILED' }, 5, /cannot be used: it is FAILED/],
    [{ endpoint: 'http://main.example' }, 5, /nothing usable/],
    [{ authority: '' }, 5, /nothing usable/],
    [{ status: 'UPDATING' }, 0, /kubectl has the context/],
  ]
  for (const [change, code, stderr] of states) {
    at.cloud.cluster('main', change)
    t.match(await at.atmosctl(['update-kubeconfig', 'dev/eks']), { code, stderr }, JSON.stringify(change))
  }
  const refused: [string[], number, RegExp][] = [
    [['update-kubeconfig', 'dev/eksx'], 1, /no integration "dev\/eksx"[\s\S]*Did you mean "dev\/eks"/],
    [['update-kubeconfig', 'dev/eks', '-i', 'prod-admin'], 2, /does not go with "prod-admin"/],
    [['ecr-login', 'dev/eks'], 2, /is of kind aws\/eks[\s\S]*atmosctl update-kubeconfig dev\/eks/],
    [['ecr-login'], 1, /No registry goes with "dev-admin"/],
    [['update-kubeconfig', '-i', 'emergency'], 1, /No cluster goes with "emergency"/],
    [['update-kubeconfig', 'one', 'two'], 2, /one integration/],
  ]
  const env = { EMERGENCY_AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', EMERGENCY_AWS_SECRET_ACCESS_KEY: 'x' }
  for (const [args, code, stderr] of refused)
    t.match(await at.atmosctl(args, { env }), { code, stderr }, args.join(' '))
  t.match(await at.atmosctl(['update-kubeconfig', '-i', 'off']), { code: 0, stderr: /nothing was done/ })
  writeFileSync(at.file, 'clusters: [')
  t.match(await at.login(), { code: 0, stderr: /kubeconfig cannot be read/ })
  t.match(await at.atmosctl(['logout', '--all']), { code: 0, stderr: /kubeconfig cannot be read/ })
  t.equal(readFileSync(at.file, 'utf8'), 'clusters: [')
  t.match(await at.atmosctl(['update-kubeconfig', 'dev/eks']), { code: 4, stderr: /atmosctl login/ })
})

t.test('what another tool entered is respected, as `update` says', async (t) => {
  const at = await place(t)
  mkdirSync(join(at.path, '.kube'))
  const theirs =
    'contexts:\n- {name: theirs, context: {cluster: x, user: y}}\n- {name: dev, context: {cluster: x}}\n'
  writeFileSync(at.file, theirs)
  const login = await at.login()
  t.match(login, { code: 0, stderr: /has a context of that name that another tool entered: dev/ })
  t.match(login.stderr, 'atmosctl update-kubeconfig dev/eks --force')
  t.equal(readFileSync(at.file, 'utf8'), theirs)
  const strict = await at.atmosctl(['update-kubeconfig', 'strict', '--force'])
  t.match(strict, { code: 2, stderr: /another tool entered: theirs/ })
  t.equal(readFileSync(at.file, 'utf8'), theirs)
  t.equal((await at.atmosctl(['update-kubeconfig', 'dev/eks', '--force'])).code, 0)
  t.equal((await at.atmosctl(['update-kubeconfig', 'replacing'])).code, 0)
  t.match(at.kube().contexts, [
    { name: 'theirs', context: { user: /lab$/ } },
    { name: 'dev', context: { cluster: DEV } },
  ])
})

t.test(
  'the configuration that was meant is what kubectl gets tokens of; after a restart, all is taken out',
  async (t) => {
    const at = await place(t, 'file')
    const config = join(at.path, 'elsewhere.yaml')
    writeFileSync(config, exampleConfig(at.cloud.url, 'file') + integrations)
    const flags = ['--config', config]
    at.config('{}')
    const PATH = '/usr/bin:/bin'
    const login = await at.atmosctl([...flags, 'login', '--no-browser'], {
      env: { PATH, ATMOS_XDG_CONFIG_HOME: '/x' },
    })
    t.match(login, { code: 0, stderr: /kubectl has the context/ })
    const [{ user }] = at.kube().users as [Kubeconfig['users'][number]]
    t.match(user.exec, {
      command: /^\/.*\/client\/bin\/atmosctl\.cjs$/,
      env: [{ name: 'ATMOS_XDG_CONFIG_HOME', value: '/x' }],
    })
    t.match(await plugin(at, user), { code: 0, stderr: '' })
    const record = readFileSync(join(at.path, '.local', 'share', 'atmosd', 'clusters.json'), 'utf8')
    for (const secret of at.cloud.secrets()) t.notMatch(record, secret)
    await at.atmosctl(['daemon', 'stop'])
    t.match(await plugin(at, user), { code: 0, stderr: '' }, 'kubectl starts a daemon')
    t.equal((await at.atmosctl(['logout', '--all-realms', '--force'])).code, 0)
    t.equal(readFileSync(at.file, 'utf8'), '')
  },
)
