/** What `list` and `validate` print, from replies that are made up. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { parse } from 'yaml'
import { readArguments } from '../../client/command.ts'
import { list } from '../../client/commands/list.ts'
import { validate } from '../../client/commands/validate.ts'
import { complaint } from '../../client/complaint.ts'
import { excerpt, withoutSecrets } from '../../client/render/excerpt.ts'
import { explanation } from '../../client/render/explanation.ts'
import { forestOf } from '../../client/render/forest.ts'
import { graphviz } from '../../client/render/graphviz.ts'
import { leftOf, lifeOf } from '../../client/render/life.ts'
import { listingTable } from '../../client/render/listing.ts'
import { markdown } from '../../client/render/markdown.ts'
import { mermaid } from '../../client/render/mermaid.ts'
import { placeOf } from '../../client/render/place.ts'
import { firstProblems, problemList } from '../../client/render/problems.ts'
import { listingRecord } from '../../client/render/record.ts'
import { type Selection, select, type Wanted } from '../../client/render/selection.ts'
import { table } from '../../client/render/table.ts'
import { listingTree } from '../../client/render/tree.ts'
import { verdict, verdictJson } from '../../client/render/verdict.ts'
import { cut, width } from '../../client/render/width.ts'
import { painter } from '../../client/style.ts'
import { wantedOf } from '../../client/wanted.ts'
import { AuthError } from '../../shared/errors.ts'
import type { ListedIdentity, Problem, WorkspaceReply } from '../../shared/replies.ts'

const plain = { paint: painter(false), now: 0 }
const ESCAPE = '\u001b'
const everything: Wanted = { names: [], tags: [] }

const reply: WorkspaceReply = {
  file: '/project/atmos.yaml',
  files: ['/project/base.yaml', '/project/atmos.yaml'],
  realm: 'r',
  problems: [],
  providers: [
    {
      name: 'company-sso',
      kind: 'aws/iam-identity-center',
      region: 'us-east-1',
      startUrl: 'https://company.awsapps.com/start',
      default: true,
      tags: ['sso'],
      state: 'fresh',
      expiresAt: 3_900_000,
    },
  ],
  identities: [
    {
      name: 'dev',
      kind: 'aws/permission-set',
      default: true,
      via: { provider: 'company-sso' },
      principal: 'Admin in development',
      state: 'due',
      expiresAt: 600_000,
    },
    {
      name: 'prod',
      kind: 'aws/assume-role',
      default: false,
      via: { identity: 'dev' },
      alias: 'p',
      tags: ['Live', 'x'],
      state: 'expired',
      expiresAt: 1,
    },
    { name: 'user', kind: 'aws/user', default: false, state: 'none' },
  ],
  integrations: [{ name: 'docker', kind: 'aws/ecr', via: { identity: 'dev' } }],
}
const all = select(reply, everything)

function identity(name: string, via?: ListedIdentity['via']): ListedIdentity {
  return { name, kind: 'aws/assume-role', default: false, state: 'none', ...(via ? { via } : {}) }
}

function replyOf(identities: ListedIdentity[], more: Partial<WorkspaceReply> = {}): WorkspaceReply {
  return { file: '/p/atmos.yaml', realm: 'r', problems: [], providers: [], identities, ...more }
}

/** Names that each language has a use for. */
const nasty = [
  'a"b',
  "it's",
  'back\\slash\\n',
  'ends\\',
  'team/dev.v1',
  'größe-漢字-🙂',
  '<b>&amp;</b>',
  'semi;colon:#35;',
  'style:x#quot;y"z',
  '%%{init}%%',
  '[(x)] --> {y}|z|',
  '`code` **bold** _it_',
  '1. one',
  'end',
  '\\N \\G',
  'line\nbreak\u001b[31m',
]
const nastyReply = replyOf(
  nasty.map((name) => identity(name, { provider: 'a"b' })),
  {
    providers: [{ name: 'a"b', kind: 'k"\\', state: 'none' }],
    integrations: [{ name: 'x"', kind: 'y\\', via: { identity: 'gone"\\' } }],
  },
)

t.test('how much is left of a session', async (t) => {
  for (const [state, expiresAt, life, left] of [
    ['fresh', 3_900_000, 'fresh', '1h 5m'],
    ['due', 10_800_000, 'due', '3h (due)'],
    ['fresh', 900_000, 'fresh', '15m'],
    ['fresh', 899_000, 'soon', '14m 59s (soon)'],
    ['due', 60_000, 'soon', '1m (soon)'],
    ['fresh', 0, 'expired', 'expired'],
    ['expired', 60_000, 'expired', 'expired'],
    ['none', undefined, 'none', undefined],
    ['fresh', undefined, 'fresh', 'fresh'],
  ] as const) {
    const held = { state, ...(expiresAt === undefined ? {} : { expiresAt }) }
    t.equal(lifeOf(held, 0), life, `${state} ${expiresAt}`)
    t.equal(leftOf(held, 0), left, `${state} ${expiresAt}`)
  }
})

t.test('a table', async (t) => {
  t.equal(
    listingTable(all, plain),
    `PROVIDERS
   NAME         KIND                     REGION     DEFAULT  EXPIRES  TAGS  START URL
●  company-sso  aws/iam-identity-center  us-east-1  ✓        1h 5m    sso   https://company.awsapps.com/start

IDENTITIES
   NAME  KIND                VIA          DEFAULT  ALIAS  EXPIRES     TAGS
●  dev   aws/permission-set  company-sso  ✓        -      10m (soon)  -
●  prod  aws/assume-role     dev          -        p      expired     Live, x
○  user  aws/user            -            -        -      -           -

INTEGRATIONS
NAME    KIND     VIA
docker  aws/ecr  dev
`,
  )
  for (let columns = 12; columns <= 130; columns++)
    for (const line of listingTable(all, { ...plain, columns }).split('\n'))
      if (width(line) > columns) t.fail(`${columns} columns: ${line}`)
  const narrow = listingTable(all, { ...plain, columns: 60 })
  t.match(narrow, /^● {2}company-sso {2}aws\/.*… {2}.* 1h 5m .*ht.*…$/m, 'the name and the time are whole')
  t.ok(narrow.split('\n').some((line) => width(line) === 60))
  const painted = listingTable(all, { paint: painter(true), now: 0, columns: 60 })
  t.equal(painted.replaceAll(/\p{Cc}\[\d+m/gu, ''), narrow, 'colour changes nothing else')
  for (const code of [32, 33, 31, 2]) t.ok(painted.includes(`${ESCAPE}[${code}m`), `colour ${code}`)
  t.equal(
    listingTable(select(replyOf([identity('a')]), everything), plain),
    'IDENTITIES\n   NAME  KIND             EXPIRES\n○  a     aws/assume-role  -\n',
    'no empty sections, no empty columns',
  )
  t.notOk(listingTable(select(nastyReply, everything), plain).includes(ESCAPE), 'names move no cursor')
})

t.test('columns', async (t) => {
  const red = `${ESCAPE}[31mred${ESCAPE}[39m`
  t.equal(
    table(
      ['A', 'B'],
      [
        ['é', '1'],
        [red, '2'],
        ['漢字', '3'],
      ],
    ),
    `A     B\né     1\n${red}   2\n漢字  3\n`,
  )
  for (const [text, wide, expected] of [
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['漢字x', 5, '漢字x'],
    ['漢字x', 4, '漢…'],
    ['漢字x', 3, '漢…'],
    ['e\u0301e\u0301e', 2, 'e\u0301…'],
    ['🙂🙂', 3, '🙂…'],
    [red, 2, `${ESCAPE}[31mr…${ESCAPE}[39m`],
    ['abc', 1, '…'],
    ['abc', 0, ''],
    ['', 0, ''],
  ] as const) {
    t.equal(cut(text, wide), expected)
    t.ok(width(cut(text, wide)) <= wide)
  }
})

t.test('a tree', async (t) => {
  t.equal(
    listingTree(all, plain),
    `● company-sso (aws/iam-identity-center) [default] 1h 5m [tags sso]
└─ ● dev (aws/permission-set) [default] 10m (soon) Admin in development
   └─ ● prod (aws/assume-role) [alias p] expired [tags Live, x]

without a provider
└─ ○ user (aws/user)

integrations
└─ docker (aws/ecr) via dev
`,
  )
  t.ok(listingTree(all, { paint: painter(true), now: 0 }).includes(`${ESCAPE}[1mdev${ESCAPE}[22m`))
  const lines = listingTree(all, { ...plain, columns: 30 }).split('\n')
  t.equal(Math.max(...lines.map(width)), 30)
  t.equal(
    listingTree(select(reply, { section: 'identities', names: ['prod', 'user'], tags: [] }), plain),
    `● prod (aws/assume-role) [alias p] via dev expired [tags Live, x]

without a provider
└─ ○ user (aws/user)
`,
    'what stands above is not asked for, yet said',
  )
})

t.test('a tree of what cannot be one', async (t) => {
  const unsound = replyOf([
    identity('below', { identity: 'b' }),
    identity('a', { identity: 'c' }),
    identity('b', { identity: 'a' }),
    identity('c', { identity: 'b' }),
    identity('self', { identity: 'self' }),
    identity('lost', { provider: 'nowhere' }),
    identity('child', { identity: 'lost' }),
    identity('stray', { identity: 'nobody' }),
  ])
  t.equal(
    listingTree(select(unsound, everything), plain),
    `without a provider
├─ ○ a (aws/assume-role) circle: a → c → b → a
│  └─ ○ b (aws/assume-role)
│     ├─ ○ below (aws/assume-role)
│     └─ ○ c (aws/assume-role)
├─ ○ self (aws/assume-role) circle: self → self
├─ ○ lost (aws/assume-role) unknown provider "nowhere"
│  └─ ○ child (aws/assume-role)
└─ ○ stray (aws/assume-role) unknown identity "nobody"
`,
  )
  const chain = Array.from({ length: 12 }, (_, index) => ({
    ...identity(`n${index}`, index === 0 ? undefined : { identity: `n${index - 1}` }),
    kind: 'k',
  }))
  const deep = listingTree(select(replyOf(chain), everything), { ...plain, columns: 50 }).split('\n')
  for (const index of chain.keys()) t.match(deep[index + 1], `○ n${index}`, 'each name is in view')
  t.match(deep[12], /└─ ○ n11 \(k\) via n10$/)
  t.match(
    explanation(unsound, plain, '/p'),
    /^FILE\n {2}1 {2}atmos\.yaml\n\nCHAINS\n {2}below\n {4}circle, .*\n[\s\S]* {2}child\n {4}unknown provider "nowhere"\n {4}→ lost {3}aws\/assume-role\n {4}→ child {2}aws\/assume-role\n/,
  )
})

t.test('ten thousand identities, whatever their shape', async (t) => {
  const count = 10_000
  const names = Array.from({ length: count }, (_, index) => `id-${index}`)
  const before = (index: number) => ({ identity: `id-${index}` })
  const shapes = {
    wide: names.map((name) => identity(name, { provider: 'p' })),
    alone: names.map((name) => identity(name)),
    deep: names.map((name, index) => identity(name, index === 0 ? { provider: 'p' } : before(index - 1))),
    round: names.map((name, index) => identity(name, before((index + count - 1) % count))),
    'deep, from below': names.map((name, index) =>
      identity(name, index === count - 1 ? { provider: 'p' } : before(index + 1)),
    ),
  }
  for (const [shape, identities] of Object.entries(shapes)) {
    const providers = [{ name: 'p', kind: 'k', state: 'none' as const }]
    const selection = select(replyOf(identities, { providers }), everything)
    const tree = listingTree(selection, { ...plain, columns: 80 })
    const graph = graphviz(selection, 0)
    listingTable(selection, { ...plain, columns: 80 })
    t.equal(graph.match(/^ {2}i\d+ \[/gm)?.length, count, `${shape}: the graph has them all`)
    const lines = tree.split('\n').filter((line) => line.includes('○')).length
    t.equal(lines, count + 1, `${shape}: so has the tree`)
    const { roots, below } = forestOf(selection)
    let seen = 0
    const waiting = roots.map(({ node }) => node)
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      seen += 1
      waiting.push(...below(node))
    }
    t.equal(seen, count + 1, `${shape}: each once`)
  }
})

t.test('for programs', async (t) => {
  const leaky = structuredClone(reply)
  Object.assign(leaky.identities[0] ?? {}, { secret_access_key: 'hunter2', credentials: { a: 'hunter2' } })
  const record = listingRecord(select(leaky, everything))
  t.strictSame(record, {
    file: '/project/atmos.yaml',
    files: ['/project/base.yaml', '/project/atmos.yaml'],
    realm: 'r',
    providers: [
      {
        name: 'company-sso',
        kind: 'aws/iam-identity-center',
        region: 'us-east-1',
        start_url: 'https://company.awsapps.com/start',
        default: true,
        tags: ['sso'],
        state: 'fresh',
        expiration: '1970-01-01T01:05:00Z',
      },
    ],
    identities: [
      {
        name: 'dev',
        kind: 'aws/permission-set',
        via: { provider: 'company-sso' },
        principal: 'Admin in development',
        default: true,
        tags: [],
        state: 'due',
        expiration: '1970-01-01T00:10:00Z',
      },
      {
        name: 'prod',
        kind: 'aws/assume-role',
        via: { identity: 'dev' },
        alias: 'p',
        default: false,
        tags: ['Live', 'x'],
        state: 'expired',
        expiration: '1970-01-01T00:00:00Z',
      },
      { name: 'user', kind: 'aws/user', default: false, tags: [], state: 'none' },
    ],
    integrations: [{ name: 'docker', kind: 'aws/ecr', via: { identity: 'dev' } }],
  })
  const bare = listingRecord(select(replyOf([]), everything))
  t.strictSame(bare, {
    file: '/p/atmos.yaml',
    files: ['/p/atmos.yaml'],
    realm: 'r',
    providers: [],
    identities: [],
    integrations: [],
  })
  t.strictSame(Object.keys(bare), Object.keys(record), 'the same keys in the same order')
  const part = listingRecord(select(reply, { ...everything, section: 'providers' }))
  t.notOk('identities' in part || 'integrations' in part, 'what was not asked for is absent')
})

t.test('a part of it', async (t) => {
  const names = ({ providers, identities, integrations }: Selection) => ({
    ...(providers ? { p: providers.map(({ name }) => name) } : {}),
    ...(identities ? { i: identities.map(({ name }) => name) } : {}),
    ...(integrations ? { t: integrations.map(({ name }) => name) } : {}),
  })
  const cases: [Partial<Wanted>, object][] = [
    [{}, { p: ['company-sso'], i: ['dev', 'prod', 'user'], t: ['docker'] }],
    [{ section: 'providers' }, { p: ['company-sso'] }],
    [{ section: 'identities' }, { i: ['dev', 'prod', 'user'] }],
    [{ section: 'identities', names: ['USER', 'Dev', 'dev'] }, { i: ['dev', 'user'] }],
    [{ section: 'identities', names: ['P'] }, { i: ['prod'] }],
    [{ tags: ['live'] }, { p: [], i: ['prod'], t: [] }],
    [{ tags: ['nothing', 'SSO', 'x'] }, { p: ['company-sso'], i: ['prod'], t: [] }],
    [{ section: 'providers', tags: ['sso'] }, { p: ['company-sso'] }],
  ]
  for (const [wanted, expected] of cases)
    t.strictSame(names(select(reply, { ...everything, ...wanted })), expected, JSON.stringify(wanted))
  const tagged = structuredClone(reply)
  if (tagged.identities[0]) tagged.identities[0].tags = ['d']
  t.strictSame(names(select(tagged, { names: [], tags: ['d'] })), { p: [], i: ['dev'], t: ['docker'] })
  const twins = replyOf([identity('Dev'), identity('dev')])
  t.strictSame(names(select(twins, { section: 'identities', names: ['dev'], tags: [] })), { i: ['dev'] })

  const faults: [WorkspaceReply, Partial<Wanted>, { code: string; message: RegExp; hint: RegExp }][] = [
    [
      reply,
      { section: 'identities', names: ['pord'] },
      { code: 'IdentityUnknown', message: /identity "pord"/, hint: /"prod"/ },
    ],
    [
      reply,
      { section: 'providers', names: ['dev'] },
      { code: 'ProviderUnknown', message: /provider "dev"/, hint: /atmosctl list/ },
    ],
    [
      reply,
      { tags: ['a', 'b'] },
      { code: 'IdentityUnknown', message: /"a" or "b"/, hint: /^Tags: Live, sso, x\.$/ },
    ],
    [
      reply,
      { section: 'providers', tags: ['live'] },
      { code: 'IdentityUnknown', message: /"live"/, hint: /^Tags: sso\.$/ },
    ],
    [
      replyOf([identity('a')]),
      { tags: ['a'] },
      { code: 'IdentityUnknown', message: /"a"/, hint: /Nothing here has tags/ },
    ],
  ]
  for (const [whole, wanted, expected] of faults)
    t.throws(() => select(whole, { ...everything, ...wanted }), expected)
})

t.test('what the options ask for', async (t) => {
  const wanted = (argv: string[], env = {}) =>
    wantedOf({ env } as Parameters<typeof wantedOf>[0], readArguments('list', list, argv))
  for (const [argv, expected, env] of [
    [[], { names: [], tags: [] }],
    [['--providers'], { section: 'providers', names: [], tags: [] }],
    [['--identities='], { section: 'identities', names: [], tags: [] }],
    [['--providers=a, b,', '--providers=c'], { section: 'providers', names: ['a', 'b', 'c'], tags: [] }],
    [['--identities', '-f', 'json'], { section: 'identities', names: [], tags: [] }],
    [['--tags', 'a,b', '--tags=c'], { names: [], tags: ['a', 'b', 'c'] }],
    [[], { names: [], tags: ['e', 'f'] }, { ATMOS_AUTH_TAGS: 'e,f' }],
    [['--tags', 'a'], { names: [], tags: ['a'] }, { ATMOS_AUTH_TAGS: 'e' }],
  ] as const)
    t.strictSame(wanted([...argv], env), expected, argv.join(' '))
  t.throws(() => wanted(['--providers=a', '--identities']), { code: 'Usage', message: /exclude/ })
  t.throws(() => wanted(['--identities', 'a']), { code: 'Usage', hint: /--identities=a$/ })
  t.ok(readArguments('list', list, ['--interactive']).text('interactive') === 'true')
  for (const [name, command] of Object.entries({ list, validate }))
    for (const example of command.examples ?? [])
      t.doesNotThrow(() => readArguments(name, command, example.split(' ')), example)
})

t.test('a graph for Graphviz', async (t) => {
  t.equal(
    graphviz(all, 0),
    `digraph atmos_auth {
  rankdir=LR
  node [style=filled, fillcolor="#ffffff", fontname="sans-serif", fontsize=11]
  p0 [label="company-sso\\naws/iam-identity-center\\ndefault\\n1h 5m", shape=box, fillcolor="#d7f0d7", penwidth=2]
  i0 [label="dev\\naws/permission-set\\ndefault\\n10m (soon)", shape=box, style="rounded,filled", fillcolor="#fff2c2", penwidth=2]
  i1 [label="prod\\naws/assume-role\\nexpired", shape=box, style="rounded,filled", fillcolor="#f6d2d2"]
  i2 [label="user\\naws/user", shape=box, style="rounded,filled"]
  t0 [label="docker\\naws/ecr", shape=component]
  p0 -> i0
  i0 -> i1
  i0 -> t0 [style=dashed]
}
`,
  )
})

const dot = spawnSync('dot', ['-V']).error === undefined
t.test('Graphviz reads every name', { skip: !dot && !process.env.CI && 'no dot here' }, async (t) => {
  const input = graphviz(select(nastyReply, everything), 0)
  const { status, stdout, stderr } = spawnSync('dot', ['-Tjson'], { input, encoding: 'utf8' })
  t.equal(status, 0, stderr)
  t.notMatch(stderr, /syntax error|bad label/)
  const drawn = spawnSync('dot', ['-Tplain'], { input, encoding: 'utf8' }).stdout
  t.equal(drawn.match(/^node /gm)?.length, nasty.length + 3, 'no two names are one node')
  t.equal(drawn.match(/^edge /gm)?.length, nasty.length + 1)
  const { objects } = JSON.parse(stdout) as { objects: { _ldraw_: { text?: string }[] }[] }
  const first = objects.map(({ _ldraw_ }) => _ldraw_.find(({ text }) => text !== undefined)?.text)
  const seen = (name: string) => name.replace('line\nbreak\u001b[', 'line break [')
  for (const name of nasty) t.ok(first.includes(seen(name)), `${JSON.stringify(name)} is drawn as it is`)
})

t.test('a graph for Mermaid', async (t) => {
  t.equal(
    mermaid(all, 0),
    `graph LR
  p0["company-sso<br/>aws/iam-identity-center<br/>default<br/>1h 5m"]
  i0("dev<br/>aws/permission-set<br/>default<br/>10m #40;soon#41;")
  i1("prod<br/>aws/assume-role<br/>expired")
  i2("user<br/>aws/user")
  t0[["docker<br/>aws/ecr"]]
  p0 --> i0
  i0 --> i1
  i0 -.-> t0
  classDef fresh fill:#d7f0d7,stroke:#2e7d32,color:#000
  class p0 fresh
  classDef soon fill:#fff2c2,stroke:#b28704,color:#000
  class i0 soon
  classDef expired fill:#f6d2d2,stroke:#c00000,color:#000
  class i1 expired
  classDef chosen stroke-width:3px
  class p0,i0 chosen
`,
  )
})

/** Mermaid's parser, as far as it is used here. It wants a purifier of HTML, which wants a browser. */
interface Mermaid {
  parse(text: string): Promise<unknown>
  mermaidAPI: { getDiagramFromText(text: string): Promise<{ db: MermaidGraph }> }
}
interface MermaidGraph {
  getVertices(): Map<string, { text: string; classes: string[] }>
  getEdges(): unknown[]
}

/** From ATMOSD_TEST_MODULES, since it is larger than all else that is installed; CI has it, and must. */
async function loadMermaid(): Promise<Mermaid | undefined> {
  const modules = process.env.ATMOSD_TEST_MODULES
  if (modules === undefined && !process.env.CI) return undefined
  const { default: purify } = await import(`${modules}/dompurify/dist/purify.es.mjs`)
  Object.assign(purify, { addHook() {}, sanitize: (text: string) => text })
  return (await import(`${modules}/mermaid/dist/mermaid.core.mjs`)).default
}

const parser = await loadMermaid()
t.test('Mermaid reads every name', { skip: !parser && 'no mermaid here' }, async (t) => {
  const read = async (selection: Selection) => {
    const text = mermaid(selection, 0)
    await parser?.parse(text)
    return (await parser?.mermaidAPI.getDiagramFromText(text))?.db as MermaidGraph
  }
  const graph = await read(select(nastyReply, everything))
  t.equal(graph.getVertices().size, nasty.length + 3, 'no two names are one node')
  t.equal(graph.getEdges().length, nasty.length + 1)
  // Mermaid keeps an entity as `ﬂ°°34¶ß` until it draws.
  const labels = [...graph.getVertices().values()].map(({ text }) =>
    text.replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code))).split('<br/>'),
  )
  const seen = (name: string) => name.replace('line\nbreak\u001b[', 'line break [')
  for (const name of nasty)
    t.ok(
      labels.some(([first]) => first === seen(name)),
      `${JSON.stringify(name)} is drawn as it is`,
    )
  const sound = await read(all)
  t.strictSame(sound.getVertices().get('i0')?.classes, ['soon', 'chosen'])
  t.equal((await read(select(replyOf([]), everything))).getVertices().size, 0)
  await t.rejects(Promise.resolve(parser?.parse('graph LR\n  a["b"c"]\n')), 'it can say no')
})

t.test('a document', async (t) => {
  const text = markdown(all, 0)
  t.ok(
    text.startsWith(`# Atmos Auth

## Providers

| Name | Kind | Region | Default | Expires | Tags | Start URL |
| --- | --- | --- | --- | --- | --- | --- |
| company-sso | aws/iam-identity-center | us-east-1 | ✓ | 1h 5m | sso | https://company.awsapps.com/start |

## Identities

| Name | Kind | Via | Default | Alias | Expires | Tags |
| --- | --- | --- | --- | --- | --- | --- |
| dev | aws/permission-set | company-sso | ✓ | - | 10m (soon) | - |
`),
  )
  t.ok(text.endsWith(`## Graph\n\n\`\`\`mermaid\n${mermaid(all, 0)}\`\`\`\n`))
  for (const line of markdown(select(nastyReply, everything), 0).split('\n'))
    if (line.startsWith('|')) t.match(line.match(/(?<!\\)\|/g)?.length, /[45]/, line)
  t.match(markdown(select(replyOf([]), everything), 0), /nothing to list/)
})

const problem = (more: Partial<Problem>): Problem => ({
  severity: 'error',
  message: 'What.',
  file: '/p/atmos.yaml',
  line: 1,
  column: 1,
  ...more,
})

t.test('problems with their lines', async (t) => {
  const problems = [
    problem({ file: '/p/b.yaml', line: 2, message: 'Last.' }),
    problem({ line: 12, column: 9, hint: 'Do.', source: '\tname: x: y\u001b[2J' }),
    problem({ line: 12, column: 2, severity: 'warning' }),
    problem({ line: 9, message: `First ${ESCAPE}[31m.` }),
  ]
  t.equal(
    problemList(problems, { ...plain, from: '/p' }),
    `atmos.yaml:9:1  error
  First  [31m.
atmos.yaml:12:2  warning
  What.
atmos.yaml:12:9  error
  12 │  name: x: y [2J
     │         ^
  What.
  Do.
b.yaml:2:1  error
  Last.
`,
  )
  t.match(problemList(problems, plain), /^\/p\/atmos\.yaml:9:1/)
  t.match(problemList(problems, { paint: painter(true) }), `${ESCAPE}[31merror${ESCAPE}[39m`)
  for (const [file, from, expected] of [
    ['/a/b/c.yaml', '/a/b', 'c.yaml'],
    ['/very/long/c.yaml', '/very/x', '../long/c.yaml'],
    ['/a.yaml', '/b/c/d', '/a.yaml'],
    ['/a/b.yaml', undefined, '/a/b.yaml'],
  ] as const)
    t.equal(placeOf(file, from), expected)
})

t.test('the caret is below its place, however long the line', async (t) => {
  const source = `    key: { ${Array.from({ length: 30 }, (_, index) => `field${index}: 漢${index}`).join(', ')} }`
  for (const columns of [26, 40, 80, 400])
    for (let column = 1; column <= source.length + 1; column++) {
      const [line = '', caret = ''] = excerpt({ source, line: 7, column }, columns, plain.paint).split('\n')
      const at = width(caret.slice(0, caret.indexOf('^')))
      let passed = 0
      const above = [...line].find((character) => {
        passed += width(character)
        return passed > at
      })
      const expected = source[column - 1]
      if (width(line) > columns || width(caret) > columns + 1) t.fail(`${columns}: ${line}`)
      if (expected !== undefined && expected !== ' ' && above !== expected && above !== '…')
        t.fail(`${columns}/${column}: ${above} is not ${expected}\n${line}\n${caret}`)
    }
  t.equal(excerpt({ source: 'a', line: 1, column: 99 }, 80, plain.paint), '  1 │ a\n    │  ^\n')
})

t.test('a line shows no secret', async (t) => {
  for (const [source, expected] of [
    ['secret_access_key: abc', 'secret_access_key: ***'],
    ['{ secret_access_key: a b, dration: 1h }', '{ secret_access_key: ***, dration: 1h }'],
    [`"password": "a \\" b", x: 1`, `"password": ********, x: 1`],
    [`password: 'it''s', x: 1`, 'password: *******, x: 1'],
    ['client_secret: !env X', 'client_secret: !env X'],
    ['session_token: xyz', 'session_token: ***'],
    ['secert_access_key: xyz', 'secert_access_key: ***'],
    ['token_source: { type: file }', 'token_source: { type: file }'],
    ['secret_access_key:', 'secret_access_key:'],
    ['access_key_id: AKIA', 'access_key_id: AKIA'],
  ] as const)
    t.equal(withoutSecrets(source), expected)
  const leaky = replyOf([], { problems: [problem({ source: '  password: hunter2' })] })
  t.notMatch(verdictJson(leaky), /hunter2/)
  t.notMatch(problemList(leaky.problems, plain), /hunter2/)
})

t.test('what a validation comes to', async (t) => {
  const error = problem({})
  const warning = problem({ severity: 'warning' })
  for (const [problems, expected] of [
    [[], '✓ atmos.yaml is valid (providers: 1, identities: 1, integrations: 1)\n'],
    [[warning], '✓ atmos.yaml is valid, with 1 warning (providers: 1, identities: 1, integrations: 1)\n'],
    [[error], '✗ 1 error in atmos.yaml\n'],
    [[error, error, warning, warning], '✗ 2 errors and 2 warnings in atmos.yaml\n'],
    [[error, problem({ file: '/p/b.yaml' })], '✗ 2 errors in 2 files\n'],
    [[problem({ file: '/p/b.yaml' })], '✗ 1 error in b.yaml\n'],
  ] as const) {
    const whole = replyOf([identity('a')], {
      problems: [...problems],
      providers: [{ name: 'p', kind: 'k', state: 'none' }],
      integrations: [{ name: 't', kind: 'k' }],
    })
    t.equal(verdict(whole, plain.paint, '/p'), expected)
    const { valid, counts } = JSON.parse(verdictJson(whole)) as { valid: boolean; counts: object }
    t.equal(valid, expected.startsWith('✓'))
    t.match(counts, { providers: 1, identities: 1, integrations: 1 })
  }
  t.strictSame(
    JSON.parse(
      verdictJson(replyOf([], { problems: [problem({ line: 3, source: 'x', hint: 'h' }), warning] })),
    ),
    {
      valid: false,
      file: '/p/atmos.yaml',
      files: ['/p/atmos.yaml'],
      problems: [
        { severity: 'warning', file: '/p/atmos.yaml', line: 1, column: 1, message: 'What.' },
        {
          severity: 'error',
          file: '/p/atmos.yaml',
          line: 3,
          column: 1,
          message: 'What.',
          hint: 'h',
          source: 'x',
        },
      ],
      counts: { errors: 1, warnings: 1, providers: 0, identities: 0, integrations: 0 },
    },
  )
})

t.test('a configuration explained', async (t) => {
  t.equal(
    explanation(reply, plain, '/project'),
    `FILES, THE LAST WINS
  1  base.yaml
  2  atmos.yaml

CHAINS
  dev [default]
      company-sso  aws/iam-identity-center  us-east-1
    → dev          aws/permission-set       Admin in development
  prod [alias p]
      company-sso  aws/iam-identity-center  us-east-1
    → dev          aws/permission-set       Admin in development
    → prod         aws/assume-role
  user
      user  aws/user

INTEGRATIONS
  docker  aws/ecr  via dev
`,
  )
  const narrow = explanation(reply, { ...plain, columns: 40 }, '/project').split('\n')
  t.ok(narrow.every((line) => width(line) <= 40))
})

t.test('a complaint about a faulty configuration', async (t) => {
  const problems = [
    ...Array.from({ length: 14 }, (_, index) => problem({ line: 20 - index })),
    problem({ severity: 'warning' }),
  ]
  const failure = (details: Problem[]) =>
    complaint(
      new AuthError('ConfigInvalid', 'It is faulty.', { details: { problems: details } }),
      false,
      '/p',
    )
  const text = failure(problems)
  t.equal(text.match(/^atmos\.yaml:\d+:1 {2}error$/gm)?.length, 10)
  t.match(text, /^atmos\.yaml:7:1 {2}error\n/, 'the first come first, and errors before warnings')
  t.match(text, /\n… and 5 more: `atmosctl validate` shows all\.\natmosctl: It is faulty\.\n$/)
  t.notMatch(failure(problems.slice(0, 10)), /more/)
  t.equal(firstProblems([], plain), '')
  t.equal(
    complaint(new AuthError('LoginRequired', 'Who?', { hint: 'Sign in.' }), false),
    'atmosctl: Who?\n  Sign in.\n',
  )
})

t.test('YAML, whatever a name is', async (t) => {
  const { stringify } = await import('yaml')
  const record = listingRecord(select(nastyReply, everything))
  t.strictSame(parse(stringify(record, { lineWidth: 0 })), record)
})
