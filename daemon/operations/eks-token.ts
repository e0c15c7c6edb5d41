/** A token for an EKS cluster, from the session of an identity. */
import type * as z from 'zod'
import type { ClusterTokenReply } from '../../shared/cluster-token-reply.ts'
import { AuthError } from '../../shared/errors.ts'
import type { EksTokenRequest } from '../../shared/requests.ts'
import { lastStep } from '../graph/chain.ts'
import { eksToken } from '../upstream/eks-token.ts'
import { toolChain } from './grant.ts'
import type { House } from './house.ts'
import { lasting } from './lasting.ts'
import { chainOfRoleFrom } from './roles.ts'

/** Made anew each time: a program asks again where the cluster has refused the last one. */
export async function giveEksToken(
  house: House,
  request: z.output<typeof EksTokenRequest>,
): Promise<ClusterTokenReply> {
  const { chain: own, node, graph } = await toolChain(house, request)
  const { roleArn } = request
  const chain = roleArn === undefined ? own : await chainOfRoleFrom(graph, node.name, roleArn)
  const { credential } = await lasting(house, chain)
  if (credential.type !== 'aws')
    throw new AuthError('BadRequest', `"${node.name}" gives no credentials for tools.`)
  const { cluster, region = chain.region } = request
  const { token, expiresAt } = eksToken(credential, { cluster, region }, house.clock.now())
  const { key, node: last } = lastStep(chain)
  house.log.info({ key: key.slice(0, 8), name: last.name, cluster, region, expiresAt }, 'cluster token made')
  return { identity: node.name, token: token.reveal(), expiresAt }
}
