/** The ordered path from a provider to an identity, with the key of every session along it. Pure. */
import { createHash } from 'node:crypto'
import { AuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import { Secret } from '../../shared/secret.ts'
import type { Want } from '../../shared/want.ts'
import { identityNamed, providerNamed } from './lookup.ts'
import { lacking } from './missing.ts'
import { type Graph, type IdentityNode, type IntegrationNode, lineOf, type Node } from './node.ts'

const DEFAULT_REGION = 'us-east-1'

/** One link of a chain, its configuration sealed in. */
export interface Step {
  /** Digest of everything that decides what the session of this step is. */
  key: string
  node: Node | IntegrationNode
  /** What is wanted in place of the usual token, with the key that the step has otherwise. */
  wanted?: { want: Want; usual: string }
}

export interface Chain {
  realm: string
  keyring: Keyring
  region: string
  /** From the root to the wanted identity, or to an integration of it; never empty. */
  steps: readonly Step[]
}

/** The chain of an identity, found by name or alias. IdentityUnknown, or EnvironmentMissing or ConfigUntrusted where a step lacks a value. */
export function chainTo(graph: Graph, wanted: string): Chain {
  const line = lineOf(graph, identityNamed(graph, wanted))
  const chain = seal(graph, line)
  const [root] = line
  if (root?.role === 'identity' && root.kind.accepts.length > 0) throw rootless(graph, root)
  return chain
}

/** The chain of a provider alone. */
export function chainOfProvider(graph: Graph, name: string): Chain {
  return seal(graph, [providerNamed(graph, name)])
}

/** The chain of what an integration gives its tool, with an identity's session above it. */
export function chainOfIntegration(graph: Graph, node: IntegrationNode, identity: string): Chain {
  return seal(graph, [...lineOf(graph, identityNamed(graph, identity)), node])
}

/** The chain of a role that a request names and no configuration has, with an identity's session above it. */
export function chainOfRole(graph: Graph, role: IdentityNode, identity: string): Chain {
  return seal(graph, [...lineOf(graph, identityNamed(graph, identity)), role])
}

export function lastStep(chain: Chain): Step {
  return chain.steps[chain.steps.length - 1] as Step
}

/** Where the session of the last step rests. What a tool wanted besides is in memory alone: it is got again with no human. */
export function restOf(chain: Chain): Keyring {
  return lastStep(chain).wanted ? { type: 'memory' } : chain.keyring
}

/** Whether a chain is one of what is wanted of the session that the other leads to. */
export function isWantedOf({ steps }: Chain, other: Chain): boolean {
  const { key } = lastStep(other)
  return steps.some(({ wanted }) => wanted?.usual === key)
}

/** The chain up to the step before the last; undefined at the root. */
export function parentChain(chain: Chain): Chain | undefined {
  return chain.steps.length > 1 ? { ...chain, steps: chain.steps.slice(0, -1) } : undefined
}

/** Its parent is one that portals provide: the configuration is sound without it. */
function rootless({ withheld }: Graph, { name, via }: IdentityNode): AuthError {
  if (withheld) return withheld
  return new AuthError(
    'IdentityUnknown',
    `The identity "${name}" comes from "${via?.identity ?? via?.provider}", which no portal provides.`,
    { hint: 'Sign in with `atmosctl login --provider NAME`, which asks the portal again.' },
  )
}

function seal({ realm, keyring }: Graph, path: (Node | IntegrationNode)[]): Chain {
  for (const { name, missing, role } of path)
    if (missing.length > 0) throw lacking(`The ${role} "${name}"`, missing)
  let key = ''
  const steps = path.map((node): Step => {
    key = keyOf(realm, key, node)
    return { key, node }
  })
  return { realm, keyring, region: regionOf(path), steps }
}

/** The nearest address that the chain's configuration gives a service, from the last step towards the root. */
export function endpointOf({ steps }: Chain, service: string): string | undefined {
  const near = steps.map(({ node: { endpoints } }) => endpoints.each[service] ?? endpoints.all)
  return near.findLast((address) => address !== undefined)
}

function keyOf(realm: string, parent: string, node: Step['node']): string {
  const shared = node.role === 'provider' ? node.kind.sharedBy?.(node.config) : undefined
  return shared
    ? digest(['shared', node.kindName, ...shared])
    : digest(['chain', realm, parent, node.kindName, canonical(node.config), ...owner(node), ...given(node)])
}

/** Keys in the keyring are an identity's own: its name decides where its configuration says nothing of them. */
function owner(node: Step['node']): string[] {
  return node.role === 'identity' && node.kind.entrusts?.(node.config) ? [node.name] : []
}

/** What one job or one shell has is no other's: its values tell their sessions apart. */
function given({ kind, given }: Step['node']): string[] {
  return kind.variables ? [canonical(given)] : []
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The same text for the same configuration, whatever the order of its keys. It enters a digest and nothing else. */
function canonical(value: unknown): string {
  if (value instanceof Secret) return JSON.stringify(value.reveal())
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join()}}`
}

/** The nearest region from the identity towards its root. */
function regionOf(path: readonly Step['node'][]): string {
  return path.findLast(({ region }) => region !== undefined)?.region ?? DEFAULT_REGION
}
