/** The integration that a registry's own name stands for, where the configuration has none of it. */

import { ECR_PUBLIC, ecrRegistryOf } from '../../shared/ecr-host.ts'
import { AuthError } from '../../shared/errors.ts'
import type { IntegrationNode } from '../graph/node.ts'
import { catalog } from '../kinds/catalog.ts'
import { checkLayer } from './nodes.ts'

/** An integration of the identity for a host of ECR's. BadRequest for any other host. */
export async function registryNode(host: string, identity: string): Promise<IntegrationNode> {
  const registry = ecrRegistryOf(host)
  if (!registry && host !== ECR_PUBLIC) throw notEcr(host)
  const raw = registry ? { kind: 'aws/ecr', spec: { registry } } : { kind: 'aws/ecr-public' }
  const { nodes } = await checkLayer(
    'integration',
    { [host]: { ...raw, via: { identity } } },
    catalog,
    [],
    {},
  )
  const node = nodes.get(host)
  if (node?.config === undefined) throw notEcr(host)
  return node
}

function notEcr(host: string): AuthError {
  return new AuthError('BadRequest', `${host} is no registry of ECR's by its name.`, {
    hint: 'Name the integration whose token it takes: `atmosctl ecr-login NAME --registry …`.',
  })
}
