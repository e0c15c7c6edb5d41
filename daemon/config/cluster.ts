/** What a request says of a cluster, as nodes that no configuration has. */
import { AuthError } from '../../shared/errors.ts'
import type { IdentityNode, IntegrationNode } from '../graph/node.ts'
import { catalog } from '../kinds/catalog.ts'
import { checkLayer } from './nodes.ts'

/** An integration of the identity for an EKS cluster. BadRequest where the cloud has no such names. */
export async function clusterNode(
  cluster: { name: string; region: string },
  identity: string,
): Promise<IntegrationNode> {
  const raw = { kind: 'aws/eks', via: { identity }, spec: { cluster } }
  const { nodes, faults } = await checkLayer('integration', { [cluster.name]: raw }, catalog, [], {})
  const node = nodes.get(cluster.name)
  if (node?.config !== undefined) return node
  throw new AuthError('BadRequest', faults[0]?.message ?? `${cluster.name} is no cluster.`)
}

/** The role of that ARN, assumed from the identity. BadRequest. */
export async function roleNode(arn: string, identity: string): Promise<IdentityNode> {
  const raw = { kind: 'aws/assume-role', via: { identity }, principal: { assume_role: arn } }
  const { nodes, faults } = await checkLayer('identity', { [arn]: raw }, catalog, [], {})
  const node = nodes.get(arn)
  if (node?.config !== undefined) return node
  throw new AuthError('BadRequest', faults[0]?.message ?? `${arn} is no role.`)
}
