/** Roles that requests name for the tokens of clusters: sessions below an identity that no configuration has. */
import { roleNode } from '../config/cluster.ts'
import type { EnteredCluster } from '../grants/clusters.ts'
import { type Chain, chainOfRole, lastStep } from '../graph/chain.ts'
import type { Graph } from '../graph/node.ts'
import type { House } from './house.ts'

/** The chain of the role that is assumed from an identity. */
export async function chainOfRoleFrom(graph: Graph, identity: string, arn: string): Promise<Chain> {
  return chainOfRole(graph, await roleNode(arn, identity), identity)
}

type Owner = Pick<EnteredCluster, 'identity' | 'realm'>

/** Of every role that was named for one of `theirs`: of those in use, and of those that kubeconfigs name. */
export async function chainsOfRoles(
  { clusters, broker }: House,
  graph: Graph,
  theirs: (owner: Owner) => boolean,
): Promise<Chain[]> {
  const entered = clusters.list().flatMap(({ role, identity, realm }) => {
    const isTheirs = role !== undefined && theirs({ identity, realm })
    return isTheirs ? [chainOfRoleFrom(graph, identity, role).catch(() => undefined)] : []
  })
  const inUse = broker.uses.chains().filter(({ realm, steps }) => {
    const [above, last] = steps.slice(-2).map(({ node }) => node)
    const isNamed = last?.role === 'identity' && graph.identities.get(last.name) === undefined
    return isNamed && above?.role === 'identity' && theirs({ identity: above.name, realm })
  })
  const all = [...inUse, ...(await Promise.all(entered))].filter((chain) => chain !== undefined)
  return [...new Map(all.map((chain) => [lastStep(chain).key, chain])).values()]
}
