/** Which integrations a request means, each with the identity that it is applied to. */
import type * as z from 'zod'
import { acrHost, acrNameOf } from '../../shared/cloud-registries.ts'
import { AuthError } from '../../shared/errors.ts'
import { commandFor } from '../../shared/integration-command.ts'
import { registryHost } from '../../shared/registry-host.ts'
import type { ApplyRequest } from '../../shared/requests.ts'
import { clusterNode } from '../config/cluster.ts'
import { isCloudRegistry, registryNode } from '../config/registry.ts'
import { chainTo, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import { factsOf } from '../graph/facts.ts'
import { identityFor, integrationsOf, isAutomatic } from '../graph/integrations.ts'
import { identityNamed, integrationNamed } from '../graph/lookup.ts'
import {
  type Application,
  type Graph,
  type IdentityNode,
  type IntegrationNode,
  lineOf,
} from '../graph/node.ts'

type Request = z.output<typeof ApplyRequest>

export interface Target {
  node: IntegrationNode
  identity: string
  application: Application
  /** Whether the configuration has it; else its host says what it is. */
  configured: boolean
}

/** One by its name, a cluster, those of hosts, or those of an identity. NotFound, BadRequest, KindUnsupported. */
export async function wantedTargets(graph: Graph, request: Request): Promise<Target[]> {
  const named = request.registries.map(registryHost)
  if (request.integration !== undefined) {
    const node = integrationNamed(graph, request.integration)
    const target = targetOf(graph, node, identityFor(graph, node, request.identity))
    if (request.type !== undefined && request.type !== target.application.type) throw notOfType(target)
    return named.length > 0
      ? Promise.all(named.map((host) => targetAt(graph, host, [target], target)))
      : [target]
  }
  const chain = chainTo(graph, chosenIdentity(graph, request.identity))
  const identity = lastStep(chain).node as IdentityNode
  if (request.cluster) return [await targetOfCluster(graph, request.cluster, identity, chain.region)]
  const all = integrationsOf(graph, identity)
    .map((node) => targetOf(graph, node, identity.name))
    .filter(({ application }) => application.type === (request.type ?? application.type))
  if (request.auto) return all.filter(({ node }) => isAutomatic(node))
  if (named.length > 0)
    return Promise.all(named.map((host) => targetAt(graph, host, all, { identity: identity.name })))
  if (all.length > 0) return all
  throw nothingFor(identity.name, request.type)
}

/** A cluster that the request names, in the region of the identity unless it says otherwise. */
async function targetOfCluster(
  graph: Graph,
  { name, region }: NonNullable<Request['cluster']>,
  identity: IdentityNode,
  usual: string,
): Promise<Target> {
  const node = await clusterNode({ name, region: region ?? usual }, identity.name)
  if (node.kind.accepts.includes(identity.kind.yields))
    return { ...targetOf(graph, node, identity.name), configured: false }
  throw new AuthError(
    'BadRequest',
    `"${identity.name}" (${identity.kindName}) gives no credentials of AWS.`,
    {
      hint: 'Name an identity of AWS with -i.',
    },
  )
}

function nothingFor(identity: string, type: Request['type']): AuthError {
  return type === 'kubeconfig'
    ? new AuthError('NotFound', `No cluster goes with "${identity}".`, {
        hint: 'Add one such as aws/eks or azure/aks, or name a cluster of EKS with --name.',
      })
    : new AuthError('NotFound', `No registry goes with "${identity}".`, {
        hint: 'Add an integration such as aws/ecr or azure/acr, or name a registry with --registry.',
      })
}

function notOfType({ node, application }: Target): AuthError {
  const command = commandFor(application.type, node.kindName)
  return new AuthError('BadRequest', `The integration "${node.name}" is of kind ${node.kindName}.`, {
    hint: `Apply it with \`atmosctl ${command} ${node.name}\`.`,
  })
}

function targetOf(graph: Graph, node: IntegrationNode, identity: string): Target {
  const steps = lineOf(graph, identityNamed(graph, identity)).map((node) => ({ node }))
  const application = node.kind.apply?.(node.config, factsOf({ steps }))
  if (application) return { node, identity, application, configured: true }
  throw new AuthError('KindUnsupported', `${node.kindName} is for Atmos itself; atmosd does not apply it.`)
}

/**
 * The integration that has the host; else one made for it, since ECR's tokens are good in one region alone; else the
 * one that was named, whose token a host of no such name takes.
 */
async function targetAt(
  graph: Graph,
  host: string,
  all: readonly Target[],
  otherwise: Target | Pick<Target, 'identity'>,
): Promise<Target> {
  const application: Application = { type: 'docker', registries: [host] }
  const known = all.find(
    (one) => one.application.type === 'docker' && one.application.registries.includes(host),
  )
  if (known) return { ...known, application }
  if ('node' in otherwise && !isCloudRegistry(host)) return { ...otherwise, application }
  const { identity } = otherwise
  const node = await registryNode(host, identity)
  admit(graph, node, identityNamed(graph, identity))
  return { node, identity, application, configured: false }
}

/** What the configuration says nothing of, it has not been checked for either. */
function admit(graph: Graph, { kind, name: host }: IntegrationNode, identity: IdentityNode): void {
  const isOfCloud = kind.accepts.some((type) => type === identity.kind.yields)
  const { cloud } = factsOf({ steps: lineOf(graph, identity).map((node) => ({ node })) })
  const name = acrNameOf(host)
  if (isOfCloud && (name === undefined || host === acrHost(name, cloud))) return
  throw new AuthError('BadRequest', `"${identity.name}" (${identity.kindName}) cannot sign in to ${host}.`, {
    hint: 'Choose an identity of the cloud that the registry is in, with -i.',
  })
}
