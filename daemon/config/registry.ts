/** The integration that a registry's own name stands for, where the configuration has none of it. */
import { acrNameOf, isGoogleRegistry } from '../../shared/cloud-registries.ts'
import { ECR_PUBLIC, ecrRegistryOf } from '../../shared/ecr-host.ts'
import { AuthError } from '../../shared/errors.ts'
import type { IntegrationNode } from '../graph/node.ts'
import { catalog } from '../kinds/catalog.ts'
import { checkLayer } from './nodes.ts'

/** An integration of the identity for a host of a cloud's. BadRequest for any other host. */
export async function registryNode(host: string, identity: string): Promise<IntegrationNode> {
  const raw = entryFor(host)
  const entry = raw && { [host]: { ...raw, via: { identity } } }
  const { nodes } = await checkLayer('integration', entry ?? {}, catalog, [], {})
  const node = nodes.get(host)
  if (node?.config !== undefined) return node
  throw new AuthError('BadRequest', `${host} is no registry of a cloud's by its name.`, {
    hint: 'Name the integration whose token it takes: `atmosctl registry-login NAME --registry …`.',
  })
}

/** Whether the name of a host says whose registry it is. */
export function isCloudRegistry(host: string): boolean {
  return entryFor(host) !== undefined
}

function entryFor(host: string): { kind: string; spec?: object } | undefined {
  const ecr = ecrRegistryOf(host)
  if (ecr) return { kind: 'aws/ecr', spec: { registry: ecr } }
  if (host === ECR_PUBLIC) return { kind: 'aws/ecr-public' }
  const acr = acrNameOf(host)
  if (acr !== undefined) return { kind: 'azure/acr', spec: { registry: { name: acr } } }
  return isGoogleRegistry(host) ? { kind: 'gcp/artifact-registry', spec: { registry: { host } } } : undefined
}
