/** What is wrong between the nodes of a configuration. Pure. */
import { cycleFaults } from './cycles.ts'
import { nameFaults } from './names.ts'
import { type Fault, type Graph, type IntegrationNode, lineOf, type Node, sections } from './node.ts'
import { viaFaults } from './via.ts'

/** Every fault of the graph: references, circles, names, and what the kinds themselves have to say. */
export function graphFaults(graph: Graph): Fault[] {
  const { providers, identities, integrations } = graph
  const children = [...identities.values(), ...integrations.values()]
  const all = [...providers.values(), ...children]
  return [
    ...children.flatMap((node) => viaFaults(graph, node)),
    ...cycleFaults(graph),
    ...nameFaults(graph),
    ...all.flatMap((node) => complaints(graph, node)),
  ]
}

/** What a kind says of a configuration that its schema took. */
function complaints(graph: Graph, node: Node | IntegrationNode): Fault[] {
  if (node.config === undefined) return []
  const chain = node.role === 'integration' ? [] : lineOf(graph, node)
  const links = chain.map(({ name, kind }) => ({
    name,
    yields: kind.yields,
    isRole: kind.role === 'identity' && kind.isRole === true,
  }))
  const found = node.kind.check?.(node.config, links) ?? []
  return found.map((fault) => ({ ...fault, path: ['auth', sections[node.role], node.name, ...fault.path] }))
}
