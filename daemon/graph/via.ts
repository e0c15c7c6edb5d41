/** What is wrong with the parents that identities and integrations name. Pure. */
import { closest } from '../../shared/closest.ts'
import {
  type Fault,
  type Graph,
  type IdentityNode,
  type IntegrationNode,
  lineOf,
  type Node,
  parentOf,
  sections,
  type Via,
} from './node.ts'

type Child = IdentityNode | IntegrationNode

/** The faults of one `via:`, where there is one, and of none where there must be one. */
export function viaFaults(graph: Graph, child: Child): Fault[] {
  const { kind, via } = child
  if (via?.faulty) return []
  const path = ['auth', sections[child.role], child.name, 'via']
  if (!via) {
    if (kind.accepts.length === 0) return []
    const hint = 'Add `via: { provider: NAME }` or `via: { identity: NAME }`.'
    return [{ path: path.slice(0, 3), message: `${called(child)} has no parent.`, hint }]
  }
  if (kind.accepts.length === 0) {
    const message = `${called(child)} has a via, but ${child.kindName} stands alone.`
    return [{ path, message, hint: 'Remove the via.' }]
  }
  if ((via.provider === undefined) === (via.identity === undefined)) {
    const names = via.provider ? 'both a provider and an identity' : 'neither a provider nor an identity'
    const message = `The via of ${child.role} "${child.name}" names ${names}.`
    return [{ path, message, hint: 'Give exactly one of the two.' }]
  }
  const parent = parentOf(graph, child)
  if (!parent) return graph.unknown.has(targetOf(via).join('/')) ? [] : [dangling(graph, child, via, path)]
  return child.role === 'identity' ? fitFaults(child, parent, path) : applyFaults(graph, child, parent, path)
}

function called({ role, name }: Child): string {
  return `${role === 'identity' ? 'Identity' : 'Integration'} "${name}"`
}

function targetOf({ provider, identity }: Via): ['provider' | 'identity', string] {
  return provider === undefined ? ['identity', identity ?? ''] : ['provider', provider]
}

function fitFaults(child: Child, parent: Node, path: string[]): Fault[] {
  if (accepts(child, parent)) return []
  const link = `${called(child)} (${child.kindName}) cannot follow "${parent.name}" (${parent.kindName})`
  const needs = `it needs ${child.kind.accepts.join(' or ')} and gets ${parent.kind.yields}`
  return [{ path, message: `${link}: ${needs}.`, hint: remedy(child, parent) }]
}

/** An integration of a provider goes with the identities that come from it; those have to fit. */
function applyFaults(graph: Graph, child: IntegrationNode, parent: Node, path: string[]): Fault[] {
  if (parent.role === 'identity') return fitFaults(child, parent, path)
  const below = [...graph.identities.values()].filter((identity) => lineOf(graph, identity)[0] === parent)
  if (below.length === 0 || below.some((identity) => accepts(child, identity))) return []
  const needs = child.kind.accepts.join(' or ')
  return [
    {
      path,
      message: `${called(child)} (${child.kindName}) fits no identity of "${parent.name}": it needs ${needs}.`,
      hint: 'Choose another parent.',
    },
  ]
}

function accepts({ kind }: Child, parent: Node): boolean {
  return kind.accepts.includes(parent.kind.yields)
}

/** What to put in between, or where to look otherwise. */
function remedy({ kind }: Child, parent: Node): string {
  const between: Partial<Record<string, string>> = {
    'aws-sso-token': 'aws/permission-set',
    'saml-assertion': 'aws/assume-role',
    'oidc-token': 'aws/assume-role',
  }
  const missing = kind.accepts.includes('aws') ? between[parent.kind.yields] : undefined
  return missing ? `Put an ${missing} identity between them.` : 'Choose another parent.'
}

function dangling(graph: Graph, child: Child, via: Via, path: string[]): Fault {
  const [role, target] = targetOf(via)
  const known = role === 'provider' ? graph.providers : graph.identities
  if (role === 'identity' && graph.isProvisioned) return notProvided(child, target, path)
  const close = closest(target, [...known.keys()])
  return {
    path: [...path, role],
    message: `${called(child)} refers to the ${role} "${target}", which does not exist.`,
    hint: close ? `Did you mean "${close}"?` : `Known: ${[...known.keys()].join(', ') || 'none'}.`,
  }
}

/** What a portal offers may change at any time; the rest of the configuration goes on working. */
function notProvided(child: Child, target: string, path: string[]): Fault {
  return {
    severity: 'warning',
    path: [...path, 'identity'],
    message: `${called(child)} refers to the identity "${target}", which is neither written nor provided.`,
    hint: 'Sign in to the provider that has it with `atmosctl login --provider NAME`.',
  }
}
