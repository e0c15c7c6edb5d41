import t from 'tap'
import { explanation } from '../../../client/render/explanation.ts'
import { forestOf } from '../../../client/render/forest.ts'
import { graphviz } from '../../../client/render/graphviz.ts'
import { leftOf, lifeOf } from '../../../client/render/life.ts'
import { listingTable } from '../../../client/render/listing.ts'
import { select } from '../../../client/render/selection.ts'
import { table } from '../../../client/render/table.ts'
import { listingTree } from '../../../client/render/tree.ts'
import { cut, width } from '../../../client/render/width.ts'
import { painter } from '../../../client/style.ts'

import {
  all,
  ESCAPE,
  everything,
  identity,
  nastyReply,
  plain,
  reply,
  replyOf,
} from '../../helpers/replies.ts'

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
