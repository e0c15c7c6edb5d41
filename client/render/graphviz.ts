/** A graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html). */
import { type GraphEdge, type GraphNode, graphOf, type Role } from './graph.ts'
import type { Life } from './life.ts'
import type { Selection } from './selection.ts'

const SHAPES: Readonly<Record<Role, string>> = {
  provider: 'shape=box',
  identity: 'shape=box, style="rounded,filled"',
  integration: 'shape=component',
  missing: 'shape=box, style=dashed, color="#c00000", fontcolor="#c00000"',
}
const FILLS: Readonly<Partial<Record<Life, string>>> = {
  fresh: '#d7f0d7',
  due: '#fff2c2',
  soon: '#fff2c2',
  expired: '#f6d2d2',
}

/** One `digraph`. State and default are in the label as words, and seen as colour and a thicker line. */
export function graphviz(selection: Selection, now: number): string {
  const { nodes, edges } = graphOf(selection, now)
  return [
    'digraph atmos_auth {',
    '  rankdir=LR',
    '  node [style=filled, fillcolor="#ffffff", fontname="sans-serif", fontsize=11]',
    ...nodes.map(nodeLine),
    ...edges.map(edgeLine),
    '}\n',
  ].join('\n')
}

function nodeLine({ id, role, life, lines, ...node }: GraphNode): string {
  const fill = FILLS[life]
  const attributes = [
    `label="${lines.map(escaped).join('\\n')}"`,
    SHAPES[role],
    ...(fill === undefined ? [] : [`fillcolor="${fill}"`]),
    ...(node.default ? ['penwidth=2'] : []),
  ]
  return `  ${id} [${attributes.join(', ')}]`
}

function edgeLine({ from, to, loose }: GraphEdge): string {
  return `  ${from} -> ${to}${loose ? ' [style=dashed]' : ''}`
}

/** A label understands backslashes and HTML's entities (https://graphviz.org/docs/attr-types/escString). */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')
}
