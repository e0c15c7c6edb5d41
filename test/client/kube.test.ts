/** Kubeconfigs: what is entered and taken out, with every other byte as it was. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { kubeconfigOf } from '../../client/kube/document.ts'
import { type ClusterEntries, enterCluster, hasUser, takeOut } from '../../client/kube/entries.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'kube')
const ARN = 'arn:aws:eks:eu-west-1:111111111111:cluster/main'
const MARK = { extensions: [{ name: 'atmosd', extension: {} }] }

const main: ClusterEntries = {
  context: 'main',
  cluster: ARN,
  user: `dev-admin@${ARN}`,
  server: 'https://main.example',
  authority: 'YWJj',
  exec: { command: 'atmosctl', args: ['--chdir', '/a b', 'eks-token'], interactiveMode: 'Never' },
}
const other: ClusterEntries = { ...main, context: 'on', user: `viewer@${ARN}` }
const MERGE = { force: false, use: false }
const USE = { ...MERGE, use: true }

function textOf(entered: ReturnType<typeof enterCluster>): string {
  if ('text' in entered) return entered.text
  throw new Error(entered.inTheWay)
}

const enter = (text: string, entries = main, manner = MERGE) => textOf(enterCluster(text, entries, manner))

type Config = { [key: string]: unknown[] | null }

const files: [string, string][] = readdirSync(FIXTURES).map((name) => [
  name,
  readFileSync(join(FIXTURES, name), 'utf8'),
])
files.push(...files.map(([name, text]): [string, string] => [`${name}, CRLF`, text.replaceAll('\n', '\r\n')]))

t.test('files from real life: only the entries come, and all of them go again', async (t) => {
  t.ok(files.length >= 14)
  for (const [name, text] of files) {
    const before = (parse(text, { merge: true }) ?? { apiVersion: 'v1', kind: 'Config' }) as Config
    const now = enter(enter(text), other)
    t.same(
      parse(now, { merge: true }),
      {
        ...before,
        clusters: [
          ...(before.clusters ?? []),
          { name: ARN, cluster: { server: main.server, 'certificate-authority-data': 'YWJj', ...MARK } },
        ],
        users: [
          ...(before.users ?? []),
          ...[main, other].map(({ user, exec }) => ({ name: user, user: { exec, ...MARK } })),
        ],
        contexts: [
          ...(before.contexts ?? []),
          ...[main, other].map(({ context, user }) => ({
            name: context,
            context: { cluster: ARN, user, ...MARK },
          })),
        ],
      },
      `${name}: the entries`,
    )
    t.equal(enter(now), now, `${name}: again changes nothing`)
    if (name.endsWith('CRLF') && !/^(?:empty|json)/.test(name))
      t.notMatch(now, /[^\r]\n/, `${name}: line ends are as they were`)
    const moved = enter(now, { ...main, server: 'https://moved.example' })
    t.match(moved, 'https://moved.example')
    t.equal(enter(moved), now, `${name}: changed where it is`)
    t.equal(takeOut(takeOut(now, other), main), text, `${name}: as it was, to the byte`)
    t.equal(takeOut(takeOut(now, main), other), text, `${name}: in the other order, too`)
    const used = enter(text, main, USE)
    t.equal(kubeconfigOf(used)['current-context'], 'main', `${name}: used`)
    const current = kubeconfigOf(text)['current-context']
    const left = takeOut(used, main)
    t.equal(kubeconfigOf(left)['current-context'] || undefined, undefined, `${name}: and no more`)
    if (!current) t.equal(left, text, `${name}: as it was, to the byte`)
  }
})

t.test('what new entries look like', async (t) => {
  const text = enter('', main, USE)
  t.equal(
    text,
    `apiVersion: v1
kind: Config
clusters:
- name: ${ARN}
  cluster:
    server: https://main.example
    certificate-authority-data: YWJj
    extensions:
      - name: atmosd
        extension: {}
users:
- name: dev-admin@${ARN}
  user:
    exec:
      command: atmosctl
      args:
        - --chdir
        - /a b
        - eks-token
      interactiveMode: Never
    extensions:
      - name: atmosd
        extension: {}
contexts:
- name: main
  context:
    cluster: ${ARN}
    user: dev-admin@${ARN}
    extensions:
      - name: atmosd
        extension: {}
current-context: main
`,
  )
  t.equal(takeOut(text, main), '', 'nothing else was there')
  t.ok(hasUser(text, main.user))
  t.notOk(hasUser(text, 'viewer'))
  const cases: [what: string, before: string, after: RegExp][] = [
    ['null', 'clusters: null\nusers: ~\ncontexts:\n', /^clusters:\n- name: arn/],
    ['a map in braces', '{}', /^\{"clusters": \[\{"name":"arn/],
    [
      'a list in brackets',
      'clusters: [{name: a, cluster: {}}]\n',
      /^clusters: \[\{name: a, cluster: \{\}\}, \{"name":"arn/,
    ],
    ['indented dashes', 'users:\n    - name: a\n', /\nclusters:\n {4}- name: arn/],
    ['an indented map', '  kind: Config\n', /^ {2}kind: Config\n {2}clusters:\n/],
    ['an end', '---\nkind: Config\n...\n', /^---\nkind: Config\nclusters:[\s\S]*\n\.\.\.\n$/],
  ]
  for (const [what, before, after] of cases) {
    const now = enter(before)
    t.match(now, after, what)
    t.equal(enter(now), now, `${what}: again changes nothing`)
    t.same(
      kubeconfigOf(takeOut(now, main)).users ?? [],
      kubeconfigOf(before).users ?? [],
      `${what}: and is taken out`,
    )
  }
  t.match(enter('', { ...main, context: 'yes' }), 'name: "yes"', 'which kubectl would take for true')
})

t.test('what is of another tool stays, unless it is forced', async (t) => {
  const aws = `clusters:
- cluster: {certificate-authority-data: YWJj, server: 'https://main.example'}
  name: ${ARN}
users:
- {name: '${ARN}', user: {exec: {command: aws}}}
contexts:
- {name: main, context: {cluster: '${ARN}', user: '${ARN}'}}
current-context: main
`
  t.match(enterCluster(aws, main, MERGE), { inTheWay: /has a context of that name .* main$/ })
  const beside = { ...main, context: 'beside' }
  const now = enter(aws, beside)
  t.equal(kubeconfigOf(now).clusters?.length, 1, 'the same cluster is entered once')
  t.equal(kubeconfigOf(now)['current-context'], 'main')
  t.equal(takeOut(now, beside), aws)
  const elsewhere = aws.replace('main.example', 'other.example')
  t.match(enterCluster(elsewhere, beside, MERGE), { inTheWay: /has a cluster of that name/ })
  const forced = enter(elsewhere, main, { force: true, use: false })
  t.match(kubeconfigOf(forced), {
    clusters: [{ cluster: { server: 'https://main.example' } }],
    contexts: [{ name: 'main', context: { user: main.user } }],
  })
  t.equal(takeOut(aws, main), aws, 'nor is it taken out')
  const renamed = enter('', main).replace('- name: main', '- name: mine')
  t.equal(takeOut(renamed, main), renamed, 'what a renamed context needs stays')
  const shared = enter(enter(''), other)
  const left = takeOut(shared, main)
  t.strictSame([kubeconfigOf(left).clusters?.length, kubeconfigOf(left).contexts?.length], [1, 1])
  const others = enter(enter('', main), { ...other, context: 'main' })
  t.equal(takeOut(others, main).includes('name: main'), true, "the context is another integration's now")
  const refused: [what: string, text: string, message: RegExp][] = [
    ['no YAML', 'clusters: [', /cannot be read/],
    ['no map', '- a\n', /it is no map/],
    ['no list', 'clusters: {a: b}\n', /clusters is no list/],
    ['two documents', 'kind: Config\n---\nkind: Config\n', /cannot be read/],
    ['an alias of nothing', 'users: *nope\n', /cannot be read/],
    ['an item that is nothing', 'contexts:\n  -\n', /contexts has an item that is no map/],
    ['an alias for a list', 'a: &a []\nclusters: *a\n', /clusters is no list/],
    [
      'an anchor that is used',
      `a: &a\n  - x\nclusters: &c\n  - name: a\nusers: []\nelse: *c\n`,
      /cannot change/,
    ],
  ]
  for (const [what, text, message] of refused)
    t.throws(() => enterCluster(text, main, MERGE), { code: 'ConfigInvalid', message }, what)
})
