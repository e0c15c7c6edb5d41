/** `atmosctl update-kubeconfig` for clusters that no configuration has, with the options of `aws eks update-kubeconfig`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { apiServer, type Kubeconfig, type Place, place, plugin, version } from '../helpers/clusters.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'kube')
const TEAM = 'arn:aws:eks:eu-west-1:111111111111:cluster/team'
const ROLE = 'arn:aws:iam::222222222222:role/ci/Deploy'
const update = (at: Place, ...args: string[]) => at.atmosctl(['update-kubeconfig', ...args])
const clustersIn = (at: Place) =>
  readFileSync(join(at.path, '.local', 'share', 'atmosd', 'clusters.json'), 'utf8')

t.test('a cluster by its name, into the file that is named, under the names that are given', async (t) => {
  const at = await place(t, 'memory', '')
  t.equal((await at.login()).code, 0)
  const usual = await update(at, '--name', 'team')
  t.match(usual, { code: 0, stderr: /^✓ team: kubectl has the context, and uses it\n {2}arn:.*us-east-1/ })
  t.match(at.kube().users[0]?.user.exec.args, [
    'eks-token',
    '--cluster-name',
    'team',
    '--region',
    'us-east-1',
  ])

  const file = join(at.project, 'own', 'kube')
  const names = ['--alias', 'team', '--user-alias', 'me']
  const place_ = ['--name', 'team', '--region', 'eu-west-1', '--kubeconfig', 'own/kube']
  const named = await update(at, ...place_, ...names, '-i', 'prod-admin')
  t.match(named, { code: 0, stderr: `  team\n  ${file}\n` })
  const prod = 'arn:aws:eks:eu-west-1:222222222222:cluster/team'
  t.match(at.kube(file), {
    clusters: [{ name: prod }],
    users: [{ name: 'me' }],
    contexts: [{ name: 'team', context: { cluster: prod, user: 'me' } }],
    'current-context': 'team',
  })
  t.match(await plugin(at, at.kube(file).users[0]?.user as never), { code: 0, stderr: '' })

  const theirs = `contexts: [{name: x, context: {cluster: y, user: z}}]\n`
  writeFileSync(file, theirs)
  const refused = await update(at, ...place_, '--alias', 'x')
  t.match(refused, {
    code: 2,
    stderr: /another tool entered: x[\s\S]*with --alias, or replace it with --force/,
  })
  t.equal(readFileSync(file, 'utf8'), theirs)
  t.equal((await update(at, ...place_, '--alias', 'x', '--force')).code, 0)
  t.match(at.kube(file).contexts, [{ name: 'x', context: { cluster: TEAM } }])
  t.equal((await at.atmosctl(['logout', '--all'])).code, 0)
  t.equal(readFileSync(at.file, 'utf8'), '')
  t.strictSame(parse(readFileSync(file, 'utf8')), { contexts: [], clusters: [], users: [] })
  t.match(clustersIn(at), '"clusters":[]')
})

t.test("an integration's own words give way to the options", async (t) => {
  const at = await place(t)
  t.equal((await at.login()).code, 0)
  const file = join(at.path, 'elsewhere')
  const options = ['--alias', 'other', '--kubeconfig', file, '--role-arn', ROLE]
  t.match(await update(at, '--integration', 'prod/eks', ...options), { code: 0, stderr: /\n {2}other\n/ })
  t.match(at.kube(file).contexts, [{ name: 'other' }])
  t.match(at.kube(file).users[0]?.user.exec.args.join(' '), `--role-arn ${ROLE} -i prod-admin`)
  t.notOk(existsSync(join(at.project, 'kube', 'prod')))
})

t.test('a role is assumed for the token alone, and dropped with the identity', async (t) => {
  const at = await place(t, 'file', '')
  const server = await apiServer(t, at, 'team')
  t.equal((await at.login()).code, 0)
  const args = ['--name', 'team', '--region', 'eu-west-1', '--role-arn', ROLE]
  t.equal((await update(at, ...args)).code, 0)
  t.equal(at.cloud.calls('AssumeRole'), 0, 'the cluster is described as the identity')
  const [{ name, user }] = at.kube().users as [Kubeconfig['users'][number]]
  t.equal(name, `dev-admin/${ROLE}@${TEAM}`)
  const token = async () => {
    const { stdout, stderr } = await plugin(at, user)
    t.equal(stderr, '')
    return JSON.parse(stdout).status.token as string
  }
  t.equal(await version(server, await token()), 200)
  await token()
  t.equal(at.cloud.calls('AssumeRole'), 1, 'its session is held')
  await update(at, '--name', 'team', '--region', 'eu-west-1', '--alias', 'as-myself')
  t.match(
    at.kube().users.map((one) => one.name),
    [name, `dev-admin@${TEAM}`],
    'who has another role is another user',
  )
  await at.atmosctl(['daemon', 'restart'])
  const out = await at.atmosctl(['logout', 'dev-admin'])
  t.match(out, { code: 0, stderr: /2 sessions dropped/ })
  t.match(out.stderr, new RegExp(`session {2}${ROLE}`), 'after a restart, too')
  t.equal(readFileSync(at.file, 'utf8'), '')

  t.equal((await at.login()).code, 0)
  const byHand = ['eks-token', '--cluster-name', 'team', '--role-arn', ROLE]
  t.match(await at.atmosctl(byHand), { code: 0, stderr: '' })
  t.match((await at.atmosctl(['logout', '--all'])).stderr, ROLE, 'also where no file names it')
  t.equal((await at.login()).code, 0)
  const denied = await at.atmosctl([...byHand.slice(0, -1), ROLE.replace('Deploy', 'Denied')])
  t.match(denied, { code: 5, stdout: '', stderr: /AWS refused to assume .*Denied: AccessDenied/ })
})

t.test('--dry-run prints the file as it would be, writes nothing and remembers nothing', async (t) => {
  const at = await place(t)
  t.equal((await at.login()).code, 0)
  const before = { file: readFileSync(at.file, 'utf8'), clusters: clustersIn(at) }
  const dry = await update(at, '--name', 'team', '--region', 'eu-west-1', '--use', '--dry-run')
  t.match(dry, { code: 0, stderr: `team: kubectl would have the context, and would use it\n  ${TEAM}\n` })
  t.match(parse(dry.stdout), { contexts: [{ name: 'dev' }, { name: TEAM }], 'current-context': TEAM })
  t.strictSame({ file: readFileSync(at.file, 'utf8'), clusters: clustersIn(at) }, before)
  t.equal((await update(at, '--name', 'team', '--region', 'eu-west-1', '--use')).code, 0)
  t.equal(readFileSync(at.file, 'utf8'), dry.stdout, 'to the byte what is written then')
  t.equal((await at.atmosctl(['logout', '--all'])).code, 0)

  mkdirSync(join(at.path, 'fresh'))
  await at.login({ KUBECONFIG: join(at.path, 'aside') })
  const KUBECONFIG = join(at.path, 'fresh', 'config')
  const all = await at.atmosctl(['update-kubeconfig', '--dry-run'], { env: { KUBECONFIG } })
  t.match(all, { code: 0, stderr: /dev\/eks[\s\S]*by-hand/ })
  t.match(
    parse(all.stdout),
    { contexts: { length: 3 }, 'current-context': 'dev' },
    'several in one file, once',
  )
  t.strictSame(readdirSync(join(at.path, 'fresh')), [])
  writeFileSync(KUBECONFIG, readFileSync(join(FIXTURES, 'comments.yaml')))
  const kept = await update(at, 'dev/eks', '--kubeconfig', KUBECONFIG, '--dry-run')
  t.match(kept, { code: 0, stdout: /^#/ }, 'with what else there is')
})

t.test('what cannot be meant', async (t) => {
  const at = await place(t)
  t.equal((await at.login()).code, 0)
  at.cloud.cluster('gone', null)
  const rows: [string[], number, RegExp][] = [
    [['dev/eks', '--name', 'team'], 2, /takes an integration, or a cluster with --name/],
    [['dev/eks', '--integration', 'dev/eks'], 2, /takes one integration/],
    [['--region', 'eu-west-1'], 2, /--region says where the cluster of --name is/],
    [['--alias', 'x'], 2, /--alias is for one cluster/],
    [['--role-arn', ROLE], 2, /--role-arn is for one cluster/],
    [['--name', 'a b'], 2, /--name: "a b" is no name of a cluster/],
    [['--name', 'team', '--region', 'x/y'], 2, /--region: "x\/y" is no region/],
    [
      ['--name', 'team', '--role-arn', 'admin'],
      2,
      /--role-arn: "admin" is no ARN of a role\.\n {2}One is arn:aws:iam/,
    ],
    [['--name', 'gone'], 5, /No cluster found for name: gone/],
    [['--name', 'team', '-i', 'nobody'], 3, /no identity "nobody"/],
  ]
  for (const [args, code, stderr] of rows)
    t.match(await update(at, ...args), { code, stderr }, args.join(' '))
})
