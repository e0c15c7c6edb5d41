/** Dropping the sessions of a configuration, and with them the grants that live on them. */
import type * as z from 'zod'
import type { LogoutReply } from '../../shared/replies.ts'
import type { LogoutRequest } from '../../shared/requests.ts'
import type { Grant } from '../grants/grant.ts'
import type { Registry } from '../grants/registries.ts'
import { type Chain, chainOfProvider, chainTo, endpointOf, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import type { Graph } from '../graph/node.ts'
import { within } from '../system/clock.ts'
import { identityOf } from './assigned.ts'
import { forgetClusters } from './clusters.ts'
import { revokeGrants } from './grant.ts'
import type { House } from './house.ts'
import { forgetRegistries } from './registries.ts'
import { chainsOfRoles } from './roles.ts'

/**
 * One identity's session; with `provider` the sign-in and every session that came from it; with `all` everything of
 * the configuration. The portal is told too, but a portal that cannot be reached does not keep anybody signed in here.
 */
export async function logout(house: House, request: z.output<typeof LogoutRequest>): Promise<LogoutReply> {
  const { graph } = await house.workspaces.sound(request.workspace)
  const chains = wantedChains(graph, request)
  const theirs = ownedBy(graph, chains)
  if (!request.dryRun) await dropTokens(house, theirs)
  const dropped: NonNullable<LogoutReply['dropped']> = []
  for (const chain of [...(await chainsOfRoles(house, graph, theirs)), ...chains]) {
    const { node } = lastStep(chain)
    const had = request.dryRun ? await isHeld(house, chain) : await drop(house, chain)
    if (had) dropped.push({ name: node.name, kind: node.kindName })
  }
  const grants = request.dryRun
    ? house.grants.list().filter(theirs).length
    : await revokeGrants(house, theirs)
  const registries = await forgetRegistries(house, theirs, request.dryRun)
  const clusters = await forgetClusters(house, theirs, request.dryRun)
  return { sessions: dropped.length, grants, dropped, registries, clusters }
}

type Owned = Pick<Grant, 'identity' | 'realm' | 'assigned'>

/** Whether something is of the identities that the chains lead to, under the names that they have now. */
function ownedBy(graph: Graph, chains: readonly Chain[]): (owned: Owned) => boolean {
  const identities = chains.map((chain) => lastStep(chain).node).filter(({ role }) => role === 'identity')
  const names = new Set(identities.map(({ name }) => name))
  return (owned) => owned.realm === graph.realm && names.has(nameNow(graph, owned))
}

/** What is provided no longer has the name that it had. */
function nameNow(graph: Graph, owned: Owned): string {
  try {
    return identityOf(graph, owned)
  } catch {
    return owned.identity
  }
}

function wantedChains(graph: Graph, { identity, provider, all }: z.output<typeof LogoutRequest>): Chain[] {
  if (all) {
    const providers = [...graph.providers.keys()].map((name) => chainOfProvider(graph, name))
    return [...identityChains(graph), ...providers]
  }
  if (provider === undefined) return [chainTo(graph, chosenIdentity(graph, identity))]
  const root = chainOfProvider(graph, provider)
  return [...identityChains(graph).filter((chain) => isFrom(chain, root)), root]
}

function isFrom({ steps: [first] }: Chain, { steps: [root] }: Chain): boolean {
  return first?.node === root?.node
}

/** The chains of all identities that can have a session here. */
export function identityChains(graph: Graph): Chain[] {
  return [...graph.identities.keys()].flatMap((name) => {
    try {
      return [chainTo(graph, name)]
    } catch {
      return [] // a variable without a value: no session was made with it
    }
  })
}

/** Drops the tokens of registries, as well as that can be done. */
async function dropTokens(house: House, which: (registry: Registry) => boolean): Promise<void> {
  for (const registry of house.registries.list().filter(which)) {
    const chain = await house.registryChains.of(registry).catch(() => undefined)
    if (chain) await house.broker.drop(chain).catch(() => {}) // in memory it is gone; a locked keyring keeps its record
  }
}

async function isHeld({ broker }: House, chain: Chain): Promise<boolean> {
  return (await broker.held.load(chain.keyring, lastStep(chain).key)) !== undefined
}

async function drop(house: House, chain: Chain): Promise<boolean> {
  await endUpstream(house, chain)
  const isProvider = lastStep(chain).node.role === 'provider'
  if (isProvider && house.provisioning.isWanted(chain)) await house.provisioning.lists.forget(chain)
  house.broker.setbacks.clear(lastStep(chain).key)
  const had = await house.broker.drop(chain)
  if (isProvider) await house.belongings.clear(chain.keyring, lastStep(chain).key)
  return had
}

const UPSTREAM_MS = 2_000

/** Tells the cloud that the session of the last step has ended, where it has a call for that. */
export async function endUpstream({ broker, clock }: House, chain: Chain): Promise<void> {
  const { node, key } = lastStep(chain)
  if (node.role !== 'provider' || !node.kind.logout) return
  const held = await broker.held.load(chain.keyring, key)
  if (!held) return
  const { logout } = node.kind
  const endpoint = (service: string) => endpointOf(chain, service)
  const end = (signal: AbortSignal) => logout(node.config, held.credential, { signal, endpoint })
  await within(clock, UPSTREAM_MS, (signal) => end(signal).catch(() => {}))
}
