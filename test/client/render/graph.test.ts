/** What `list` draws for Graphviz and Mermaid and writes as Markdown, as their own readers take it. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { graphviz } from '../../../client/render/graphviz.ts'
import { markdown } from '../../../client/render/markdown.ts'
import { mermaid } from '../../../client/render/mermaid.ts'
import { type Selection, select } from '../../../client/render/selection.ts'

import { all, everything, nasty, nastyReply, replyOf } from '../../helpers/replies.ts'

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
