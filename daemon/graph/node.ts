import type { AuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import type { Secret } from '../../shared/secret.ts'
import type { AnyIdentity, AnyIntegration, AnyKind, AnyProvider } from '../kinds/contract.ts'
import type { Missing } from './missing.ts'

export type { Application, ClusterFacts, DockerApplication, KubeApplication } from '../kinds/application.ts'

export type Role = AnyKind['role']
/** Where atmos.yaml has each of the three layers. */
export const sections = {
  provider: 'providers',
  identity: 'identities',
  integration: 'integrations',
} as const satisfies Record<Role, string>

/** The parent of an identity as `via:` names it; exactly one of the two in a sound configuration. */
export interface Via {
  provider?: string | undefined
  identity?: string | undefined
  /** What stands there is not a parent's name, and a problem says so. */
  faulty?: true
}

interface Common {
  name: string
  /** The kind's name in atmos.yaml. */
  kindName: string
  /** Checked by the kind's schema; undefined where a problem stands against it. */
  config: unknown
  region: string | undefined
  /** Where `spec` moves services to: `all` of them, or those of `each`. */
  endpoints: { all?: string | undefined; each: Readonly<Record<string, string>> }
  /** What stands in the way of values of its own. */
  missing: readonly Missing[]
  /** Variables that the kind reads, as far as the client has values for them. */
  given: Readonly<Record<string, Secret>>
  default: boolean
  tags: readonly string[]
}

export interface ProviderNode extends Common {
  role: 'provider'
  kind: AnyProvider
  startUrl: string | undefined
  /** How long a web console is to stay signed in, in seconds. */
  consoleSeconds: number | undefined
}

export interface IdentityNode extends Common {
  role: 'identity'
  kind: AnyIdentity
  via: Via | undefined
  alias: string | undefined
  /** Its own variables for tools (`env:`). */
  variables: Readonly<Record<string, string>>
  /** Which assignment of the provider's portal it stands for, where nothing is written about it. */
  assigned?: { accountId: string; role: string }
}

/** Applied to the session of its identity, or to those of every identity whose root is its provider. */
export interface IntegrationNode extends Common {
  role: 'integration'
  kind: AnyIntegration
  via: Via | undefined
}

/** What a chain is made of. */
export type Node = ProviderNode | IdentityNode

/** The three layers of one configuration, each by name. */
export interface Graph {
  realm: string
  keyring: Keyring
  providers: ReadonlyMap<string, ProviderNode>
  identities: ReadonlyMap<string, IdentityNode>
  integrations: ReadonlyMap<string, IntegrationNode>
  /** `provider/NAME` and `identity/NAME` of what is there but of no known kind. */
  unknown: ReadonlySet<string>
  /** Some of the identities come from portals, so that one that is missing may only not be there yet, or any more. */
  isProvisioned?: boolean
  /** Why the portals' lists could not be looked into. */
  withheld?: AuthError
}

/** Something wrong, at a path from the root of the document such as ['auth','identities','dev','via']. */
export interface Fault {
  path: readonly (string | number)[]
  message: string
  hint?: string
  /** An error unless it says otherwise. */
  severity?: 'warning'
  /** The key itself is at fault and not its value. */
  key?: true
}

/** The node of that name, in any case where none has it as it is written. */
export function named<N extends { name: string }>(
  nodes: ReadonlyMap<string, N>,
  wanted: string,
): N | undefined {
  return nodes.get(wanted) ?? [...nodes.values()].find(({ name }) => sameName(name, wanted))
}

export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** References are spelled as what they refer to: the configuration sees to that. */
export function parentOf(graph: Graph, { via }: IdentityNode | IntegrationNode): Node | undefined {
  if (via?.provider !== undefined)
    return via.identity === undefined ? graph.providers.get(via.provider) : undefined
  return via?.identity === undefined ? undefined : graph.identities.get(via.identity)
}

/** From the root to the node itself, as far as its parents are there; in a circle, once around. */
export function lineOf(graph: Graph, node: Node): Node[] {
  const line: Node[] = []
  let at: Node | undefined = node
  while (at && !line.includes(at)) {
    line.unshift(at)
    at = at.role === 'identity' ? parentOf(graph, at) : undefined
  }
  return line
}
