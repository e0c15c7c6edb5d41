/** Registries that integrations were applied to: their tokens on demand, and forgetting them at the sign-out. */
import { createHash } from 'node:crypto'
import type * as z from 'zod'
import type { RegistryToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type {
  AppliedRegistry,
  RegistriesReply,
  RegistryEntry,
  RegistryReply,
} from '../../shared/integration-replies.ts'
import { registryHost } from '../../shared/registry-host.ts'
import type { ApplyRequest, RegistryRequest } from '../../shared/requests.ts'
import { registryNode } from '../config/registry.ts'
import type { Workspaces } from '../config/workspaces.ts'
import type { Registry } from '../grants/registries.ts'
import { type Chain, chainOfIntegration } from '../graph/chain.ts'
import { integrationNamed } from '../graph/lookup.ts'
import type { DockerApplication, Graph, IdentityNode } from '../graph/node.ts'
import type { Keyrings } from '../sessions/keyrings.ts'
import { assignmentOf, identityOf } from './assigned.ts'
import type { House } from './house.ts'
import { lasting } from './lasting.ts'
import { chainBehind, needsSeal, seal, unkeep } from './origin.ts'
import type { Target } from './targets.ts'

type Request = z.output<typeof ApplyRequest>
type InTime = <T>(work: () => Promise<T>) => Promise<T>

/** The token of a registry, held or new; never asks a human. */
export async function tokenOf(house: House, chain: Chain): Promise<RegistryToken> {
  const { credential } = await lasting(house, chain)
  if (credential.type === 'registry-token') return credential
  throw new AuthError('Internal', 'What a registry was given is no token.')
}

interface Registration {
  hosts: readonly string[]
  identity: string
  integration: string | undefined
  request: Request
}

/** Gets a token, and remembers for whom. `inTime` runs what may take long. */
export async function applyRegistry(
  house: House,
  chain: Chain,
  {
    node,
    identity,
    application: { registries: hosts },
    configured,
    inTime,
  }: Target & { application: DockerApplication; inTime: InTime },
  request: Request,
): Promise<AppliedRegistry> {
  const token = await inTime(() => tokenOf(house, chain))
  const integration = configured ? node.name : undefined
  await registerHosts(house, chain, token, { hosts, identity, integration, request })
  const secret = { username: token.username, secret: token.token.reveal() }
  return {
    integration: node.name,
    kind: node.kindName,
    identity,
    type: 'docker',
    registries: [...hosts],
    expiresAt: token.expiresAt,
    ...(request.static ? secret : {}),
  }
}

/** Remembers whose session stands behind each host. The latest to be applied answers for a host. */
async function registerHosts(
  { registries, registryChains, keyrings }: House,
  chain: Chain,
  token: RegistryToken,
  { hosts, identity, integration, request }: Registration,
): Promise<void> {
  const { environment, ...standing } = request.workspace
  const sealed = needsSeal(environment)
  const places = [{ file: request.file, ...(request.static ? { digest: digestOf(token) } : {}) }]
  const assigned = assignmentOf(chain.steps.at(-2)?.node as IdentityNode)
  for (const id of hosts) {
    const origin = { standing, keyring: chain.keyring, variables: Object.keys(environment), sealed }
    if (sealed) await seal(keyrings, placeOf({ id }), origin, environment)
    await registries.add({ id, identity, assigned, integration, realm: chain.realm, ...origin, places })
    registryChains.learn(id, chain)
  }
}

/** What Docker's helper is asked for: name and token for a host, or nothing where it is not known. */
export async function registryCredential(
  house: House,
  { host }: z.output<typeof RegistryRequest>,
): Promise<RegistryReply> {
  const registry = house.registries.at(registryHost(host))
  if (!registry) return {}
  const { username, token, expiresAt } = await tokenOf(house, await house.registryChains.of(registry))
  house.log.info({ host: registry.id, identity: registry.identity, expiresAt }, 'registry token handed out')
  return { username, secret: token.reveal(), expiresAt }
}

export function listRegistries({ registries }: House): RegistriesReply {
  return { registries: registries.list().map(({ id, identity }) => ({ host: id, identity })) }
}

/**
 * Forgets hosts; tells what clients entered for them. With `dryRun` it only tells. A sign-out does this last: what it
 * tells it tells once, and a client that had to unlock a keyring asks again.
 */
export async function forgetRegistries(
  house: House,
  which: (registry: Registry) => boolean,
  dryRun: boolean,
): Promise<RegistryEntry[]> {
  const theirs = house.registries.list().filter(which)
  if (!dryRun) {
    for (const registry of theirs) {
      await unkeep(house.keyrings, placeOf(registry), registry)
      house.registryChains.forget(registry.id)
    }
    await house.registries.forget(which)
  }
  return theirs.flatMap(
    ({ id, places }) => places.map((place) => ({ host: id, ...place })) as RegistryEntry[],
  )
}

/** The chain of a registry, from the configuration that it was applied from. */
export function registryResolver(
  workspaces: Workspaces,
  keyrings: Keyrings,
): (registry: Registry) => Promise<Chain> {
  return (registry) => {
    const { id, integration } = registry
    const find = async (graph: Graph) => {
      const identity = identityOf(graph, registry)
      const node =
        integration === undefined ? await registryNode(id, identity) : integrationNamed(graph, integration)
      return chainOfIntegration(graph, node, identity)
    }
    const cure = `Run \`atmosctl login -i ${registry.identity}\``
    return chainBehind({ workspaces, keyrings }, placeOf(registry), registry, find, cure)
  }
}

function placeOf({ id }: Pick<Registry, 'id'>): string {
  return `registry/${id}`
}

/** Of what an `auths` entry holds: the user's name and the token. */
function digestOf({ username, token }: RegistryToken): string {
  return createHash('sha256').update(`${username}:${token.reveal()}`).digest('hex')
}
