import { type Fault, type Graph, type IdentityNode, type Node, parentOf } from './node.ts'

/** One fault a circle of identities, at its first member, with the whole path. */
export function cycleFaults(graph: Graph): Fault[] {
  const reported = new Set<string>()
  return [...graph.identities.values()].flatMap((identity) => cycleFrom(graph, identity, reported))
}

function cycleFrom(graph: Graph, start: IdentityNode, reported: Set<string>): Fault[] {
  const path: string[] = []
  let node: Node | undefined = start
  while (node?.role === 'identity') {
    const again = path.indexOf(node.name)
    if (again === 0 && !reported.has(start.name)) {
      for (const name of path) reported.add(name)
      const message = `Identities refer to each other in a circle: ${[...path, start.name].join(' → ')}.`
      const at = ['auth', 'identities', start.name, 'via']
      return [{ path: at, message, hint: 'Let one of them begin at a provider.' }]
    }
    if (again >= 0) return []
    path.push(node.name)
    node = parentOf(graph, node)
  }
  return []
}
