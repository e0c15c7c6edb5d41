/** A graph in the language of Mermaid (https://mermaid.js.org/syntax/flowchart.html). */
import { type GraphEdge, type GraphNode, graphOf, type Role } from './graph.ts'
import type { Life } from './life.ts'
import type { Selection } from './selection.ts'

const SHAPES: Readonly<Record<Role, readonly [string, string]>> = {
  provider: ['["', '"]'],
  identity: ['("', '")'],
  integration: ['[["', '"]]'],
  missing: ['["', '"]'],
}
const LOOKS: Readonly<Record<string, string>> = {
  fresh: 'fill:#d7f0d7,stroke:#2e7d32,color:#000',
  due: 'fill:#fff2c2,stroke:#b28704,color:#000',
  soon: 'fill:#fff2c2,stroke:#b28704,color:#000',
  expired: 'fill:#f6d2d2,stroke:#c00000,color:#000',
  missing: 'stroke:#c00000,stroke-dasharray:4',
  // A class of the name `default` would be everybody's.
  chosen: 'stroke-width:3px',
}

/** One `graph LR`. State and default are in the label as words, and seen as colour and a thicker line. */
export function mermaid(selection: Selection, now: number): string {
  const { nodes, edges } = graphOf(selection, now)
  return ['graph LR', ...nodes.map(nodeLine), ...edges.map(edgeLine), ...classLines(nodes), ''].join('\n')
}

function nodeLine({ id, role, lines }: GraphNode): string {
  const [open, close] = SHAPES[role]
  return `  ${id}${open}${lines.map(escaped).join('<br/>')}${close}`
}

function edgeLine({ from, to, loose }: GraphEdge): string {
  return `  ${from} ${loose ? '-.->' : '-->'} ${to}`
}

/** Each look that is used, and who has it. */
function classLines(nodes: readonly GraphNode[]): string[] {
  return Object.entries(LOOKS).flatMap(([look, style]) => {
    const ids = nodes.filter((node) => has(node, look)).map(({ id }) => id)
    return ids.length > 0 ? [`  classDef ${look} ${style}`, `  class ${ids.join(',')} ${look}`] : []
  })
}

function has({ life, role, ...node }: GraphNode, look: string): boolean {
  return look === 'chosen' ? node.default : look === (role === 'missing' ? role : (life satisfies Life))
}

/** Everything but letters, digits and what names are usually made of, by its code: quotes, `#`, `;`, markup, lists. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} /._-]|[.-](?= )/gu, (character) => `#${character.codePointAt(0)};`)
}
