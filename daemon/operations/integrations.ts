/** Applying integrations: the daemon says what is to be written where the client runs, and remembers for whom. */
import type * as z from 'zod'
import { isEcrHost } from '../../shared/ecr-host.ts'
import { AuthError, asAuthError, toFailureBody } from '../../shared/errors.ts'
import type { Applied, ApplyReply } from '../../shared/integration-replies.ts'
import { registryHost } from '../../shared/registry-host.ts'
import type { ApplyRequest } from '../../shared/requests.ts'
import { registryNode } from '../config/registry.ts'
import { chainOfIntegration, chainTo, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import { identityFor, integrationNamed, integrationsOf, isAutomatic } from '../graph/integrations.ts'
import type { Graph, IdentityNode, IntegrationNode } from '../graph/node.ts'
import { within } from '../system/clock.ts'
import type { House } from './house.ts'
import { registerHosts, tokenOf } from './registries.ts'

type Request = z.output<typeof ApplyRequest>

interface Target {
  node: IntegrationNode
  identity: string
  hosts: readonly string[]
  /** Whether the configuration has it; else its host says what it is. */
  configured: boolean
}

/** A person waits for the end of a sign-in, of which this is not a part. */
const AT_LOGIN_MS = 10_000

/** Applies what was asked for, each on its own. Only a request that means nothing is a failure of all. */
export async function applyIntegrations(house: House, request: Request): Promise<ApplyReply> {
  const { graph } = await house.workspaces.sound(request.workspace)
  const targets = await wantedTargets(graph, request)
  const done = await Promise.all(targets.map((target) => attempt(house, graph, target, request)))
  return {
    applied: done.filter((result) => 'registries' in result),
    failed: done.filter((result) => 'failure' in result),
  }
}

async function attempt(
  house: House,
  graph: Graph,
  target: Target,
  request: Request,
): Promise<Applied | ApplyReply['failed'][number]> {
  try {
    return await apply(house, graph, target, request)
  } catch (error) {
    const { node, identity } = target
    const failure = toFailureBody(asAuthError(error))
    house.log.warn({ name: node.name, code: failure.code }, 'integration not applied')
    return { integration: node.name, identity, failure }
  }
}

async function wantedTargets(graph: Graph, request: Request): Promise<Target[]> {
  const named = request.registries.map(registryHost)
  if (request.integration !== undefined) {
    const node = integrationNamed(graph, request.integration)
    const target = targetOf(node, identityFor(graph, node, request.identity))
    return named.length > 0 ? Promise.all(named.map((host) => targetAt(host, [target], target))) : [target]
  }
  const chain = chainTo(graph, chosenIdentity(graph, request.identity))
  const identity = lastStep(chain).node as IdentityNode
  const all = integrationsOf(graph, identity).map((node) => targetOf(node, identity.name))
  if (request.auto) return all.filter(({ node }) => isAutomatic(node))
  if (named.length > 0)
    return Promise.all(named.map((host) => targetAt(host, all, { identity: identity.name })))
  if (all.length > 0) return all
  throw new AuthError('NotFound', `No registry goes with "${identity.name}".`, {
    hint: 'Add an integration of kind aws/ecr, or name a registry with --registry.',
  })
}

function targetOf(node: IntegrationNode, identity: string): Target {
  const application = node.kind.apply?.(node.config)
  if (application) return { node, identity, hosts: application.registries, configured: true }
  throw new AuthError('KindUnsupported', `This version of atmosd does not apply ${node.kindName} yet.`)
}

/**
 * The integration that has the host; else one made for it, since ECR's tokens are good in one region alone; else the
 * one that was named, whose token a host of no such name takes.
 */
async function targetAt(
  host: string,
  all: readonly Target[],
  otherwise: Target | Pick<Target, 'identity'>,
): Promise<Target> {
  const known = all.find(({ hosts }) => hosts.includes(host))
  if (known) return { ...known, hosts: [host] }
  if ('node' in otherwise && !isEcrHost(host)) return { ...otherwise, hosts: [host] }
  const { identity } = otherwise
  return { node: await registryNode(host, identity), identity, hosts: [host], configured: false }
}

async function apply(house: House, graph: Graph, target: Target, request: Request): Promise<Applied> {
  const { node, identity, hosts } = target
  const chain = chainOfIntegration(graph, node, identity)
  for (const { key } of chain.steps) house.broker.setbacks.clear(key) // a person asks, so the cloud is asked
  const mint = () => tokenOf(house, chain)
  const token = request.auto ? await within(house.clock, AT_LOGIN_MS, mint) : await mint()
  if (!token) throw new AuthError('Pending', 'The registry token takes longer than a sign-in should.')
  const integration = target.configured ? node.name : undefined
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
