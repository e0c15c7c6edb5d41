/** What is wrong between the nodes of a configuration: references, cycles, and links that do not fit. Pure. */
import { closest } from '../../shared/closest.ts'
import type { Fault, Graph, IdentityNode, Node, Via } from './node.ts'

/** Every fault of the graph, in the order of the identities. */
export function graphFaults(graph: Graph): Fault[] {
  const cycles = new Set<string>()
  return [...graph.identities.values()].flatMap((identity) => [
    ...viaFaults(graph, identity),
    ...cycleFaults(graph, identity, cycles),
  ])
}

function viaFaults(graph: Graph, identity: IdentityNode): Fault[] {
  const { name, kind, via } = identity
  const path = ['auth', 'identities', name, 'via']
  if (!via) {
    if (kind.accepts.length === 0) return []
    const wanted = `\`via: { provider: NAME }\` or \`via: { identity: NAME }\``
    return [{ path: path.slice(0, 3), message: `Identity "${name}" has no parent.`, hint: `Add ${wanted}.` }]
  }
  if (kind.accepts.length === 0) {
    const message = `Identity "${name}" has a via, but ${identity.kindName} stands alone.`
    return [{ path, message, hint: 'Remove the via.' }]
  }
  if ((via.provider === undefined) === (via.identity === undefined)) {
    const message = `The via of identity "${name}" names ${via.provider ? 'both a provider and an identity' : 'neither a provider nor an identity'}.`
    return [{ path, message, hint: 'Give exactly one of the two.' }]
  }
  const parent = parentOf(graph, identity)
  if (parent) return fitFaults(identity, parent, path)
  return graph.unknown.has(targetOf(via).join('/')) ? [] : [dangling(graph, identity, via, path)]
}

function targetOf({ provider, identity }: Via): ['provider' | 'identity', string] {
  return provider === undefined ? ['identity', identity ?? ''] : ['provider', provider]
}

function fitFaults(identity: IdentityNode, parent: Node, path: string[]): Fault[] {
  const { accepts } = identity.kind
  if (accepts.includes(parent.kind.yields)) return []
  return [
    {
      path,
      message: `Identity "${identity.name}" (${identity.kindName}) cannot follow "${parent.name}" (${parent.kindName}): it needs ${accepts.join(' or ')} and gets ${parent.kind.yields}.`,
      hint: remedy(identity, parent),
    },
  ]
}

function remedy(identity: IdentityNode, parent: Node): string {
  return parent.kind.yields === 'aws-sso-token' && identity.kind.accepts.includes('aws')
    ? 'Put an aws/permission-set identity between them.'
    : 'Choose another parent.'
}

function dangling(graph: Graph, { name }: IdentityNode, via: Via, path: string[]): Fault {
  const [role, target] = targetOf(via)
  const known = role === 'provider' ? graph.providers : graph.identities
  const close = closest(target, [...known.keys()])
  return {
    path: [...path, role],
    message: `Identity "${name}" refers to the ${role} "${target}", which does not exist.`,
    hint: close ? `Did you mean "${close}"?` : `Known: ${[...known.keys()].join(', ') || 'none'}.`,
  }
}

/** One fault a cycle, at its first member, with the whole path. */
function cycleFaults(graph: Graph, start: IdentityNode, reported: Set<string>): Fault[] {
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

export function parentOf(graph: Graph, { via }: IdentityNode): Node | undefined {
  if (via?.provider !== undefined)
    return via.identity === undefined ? graph.providers.get(via.provider) : undefined
  return via?.identity === undefined ? undefined : graph.identities.get(via.identity)
}
