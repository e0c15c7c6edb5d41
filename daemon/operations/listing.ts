/** A workspace as a person looks at it: its problems, its nodes, and which of them have sessions. */
import type * as z from 'zod'
import type {
  ListedIdentity,
  ListedIntegration,
  ListedProvider,
  WorkspaceReply,
} from '../../shared/replies.ts'
import type { WorkspaceRequest } from '../../shared/requests.ts'
import { type Chain, chainOfProvider, chainTo, lastStep } from '../graph/chain.ts'
import type { Graph, IdentityNode, IntegrationNode, ProviderNode } from '../graph/node.ts'
import { stateOf } from '../sessions/session.ts'
import type { House } from './house.ts'

export async function listWorkspace(
  house: House,
  request: z.output<typeof WorkspaceRequest>,
): Promise<WorkspaceReply> {
  const { file, files, graph, problems } = await house.workspaces.open(request.workspace)
  const sound = problems.every(({ severity }) => severity !== 'error')
  const session = (chain: () => Chain) => (sound ? sessionOf(house, chain) : NONE)
  return {
    file,
    files,
    realm: graph.realm,
    problems,
    providers: await Promise.all(
      [...graph.providers.values()].map(async (node) => ({
        ...describeProvider(node),
        ...(await session(() => chainOfProvider(graph, node.name))),
      })),
    ),
    identities: await Promise.all(
      [...graph.identities.values()].map(async (node) => ({
        ...describeIdentity(node),
        ...regionOf(graph, node),
        ...(await session(() => chainTo(graph, node.name))),
      })),
    ),
    integrations: [...graph.integrations.values()].map(describeIntegration),
  }
}

const NONE = { state: 'none' } as const
type Held = Pick<ListedProvider, 'state' | 'expiresAt'>

async function sessionOf({ broker, clock }: House, find: () => Chain): Promise<Held> {
  try {
    const chain = find()
    const session = await broker.held.load(chain.keyring, lastStep(chain).key)
    return session ? { state: stateOf(session, clock), expiresAt: session.expiresAt } : NONE
  } catch {
    return NONE // a variable without a value, or a locked keyring: there is nothing to show
  }
}

function describeProvider(node: ProviderNode): Omit<ListedProvider, 'state'> {
  const { name, kindName, region, startUrl, default: isDefault } = node
  return { name, kind: kindName, ...defined({ region, startUrl, tags: tagsOf(node) }), default: isDefault }
}

function describeIdentity(node: IdentityNode): Omit<ListedIdentity, 'state'> {
  const { name, kindName, via, alias, kind, config } = node
  const principal = config === undefined ? undefined : kind.principal?.(config)
  const provisioned = node.assigned && (true as const)
  const more = { via: viaOf(via), principal, alias, tags: tagsOf(node), provisioned }
  return { name, kind: kindName, default: node.default, ...defined(more) }
}

/** Where its tools work, which a variable without a value may leave open. */
function regionOf(graph: Graph, { name, kind }: IdentityNode): { region?: string } {
  if (kind.yields !== 'aws') return {}
  try {
    return { region: chainTo(graph, name).region }
  } catch {
    return {}
  }
}

function describeIntegration({ name, kindName, via }: IntegrationNode): ListedIntegration {
  return { name, kind: kindName, ...defined({ via: viaOf(via) }) }
}

function tagsOf({ tags }: ProviderNode | IdentityNode): string[] | undefined {
  return tags.length > 0 ? [...tags] : undefined
}

function viaOf(via: IdentityNode['via']): ListedIdentity['via'] | undefined {
  if (via?.provider !== undefined) return { provider: via.provider }
  return via?.identity === undefined ? undefined : { identity: via.identity }
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
