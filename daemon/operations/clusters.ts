/** Clusters for kubeconfig: what is to be entered for one, and what is to be taken out at the sign-out. */
import { join, resolve } from 'node:path'
import type * as z from 'zod'
import { AuthError } from '../../shared/errors.ts'
import type { AppliedCluster, ClusterEntry } from '../../shared/integration-replies.ts'
import type { ApplyRequest } from '../../shared/requests.ts'
import type { EnteredCluster } from '../grants/clusters.ts'
import { type Chain, endpointOf, lastStep, parentChain } from '../graph/chain.ts'
import { factsOf } from '../graph/facts.ts'
import type { ClusterFacts, IntegrationNode, KubeApplication } from '../graph/node.ts'
import { within } from '../system/clock.ts'
import type { House } from './house.ts'

type Request = z.output<typeof ApplyRequest>

interface Wanted {
  application: KubeApplication
  identity: string
  /** Runs what may take long. */
  inTime<T>(work: () => Promise<T>): Promise<T>
}

/** For as long a person waits; a sign-in has less patience. */
const PATIENCE_MS = 20_000

/** Describes the cluster with the session of the identity, and remembers where the client may enter it. */
export async function applyCluster(
  house: House,
  chain: Chain,
  { application, identity, inTime }: Wanted,
  request: Request,
): Promise<AppliedCluster> {
  const node = lastStep(chain).node as IntegrationNode
  const { alias, userAlias, roleArn: role } = request.entry ?? {}
  if (role !== undefined && node.kindName !== 'aws/eks') throw noRoles(node)
  const { id, server, authority, audience } = await inTime(() => described(house, chain, node))
  // Who has another role is another user, though the identity is the same.
  const user = userAlias ?? `${identity}${role === undefined ? '' : `/${role}`}@${id}`
  const names = { context: alias ?? application.context ?? id, cluster: id, user }
  const files = filesFor(application.path, request)
  if (!request.dryRun) await house.clusters.add({ identity, realm: chain.realm, ...names, role, files })
  const { mode, update = 'merge', token } = application
  return {
    type: 'kubeconfig',
    integration: node.name,
    kind: node.kindName,
    identity,
    ...names,
    server,
    authority,
    token: [
      ...token,
      ...(audience === undefined ? [] : ['--server-id', audience]),
      ...(role === undefined ? [] : ['--role-arn', role]),
    ],
    files,
    update,
    ...(mode === undefined ? {} : { mode }),
  }
}

function noRoles({ name, kindName }: IntegrationNode): AuthError {
  return new AuthError('BadRequest', `"${name}" is of kind ${kindName}, which knows no roles of AWS.`, {
    hint: 'Leave out --role-arn.',
  })
}

async function described(
  { broker, clock }: House,
  chain: Chain,
  { kind, config }: IntegrationNode,
): Promise<ClusterFacts> {
  const endpoint = (service: string) => endpointOf(chain, service)
  const facts = factsOf(chain)
  const found = await broker.using(parentChain(chain) as Chain, (credential) =>
    within(clock, PATIENCE_MS, async (signal) =>
      kind.describe?.(config, credential, { clock, signal, endpoint, facts }),
    ),
  )
  if (found) return found
  throw new AuthError('UpstreamUnavailable', 'The cloud did not describe the cluster in time.')
}

/** A path of the configuration is meant from where the client stands; without one, kubectl's own files. */
function filesFor(path: string | undefined, { entry, kubeconfigs, home, workspace }: Request): string[] {
  if (entry?.file !== undefined) return [entry.file]
  if (path?.startsWith('~/') && home !== undefined) return [join(home, path.slice(2))]
  if (path !== undefined && !path.startsWith('~/')) return [resolve(workspace.directory, path)]
  if (path === undefined && kubeconfigs.length > 0) return kubeconfigs
  throw new AuthError('BadRequest', 'This atmosctl is too old to write a kubeconfig.', {
    hint: 'Use the atmosctl that came with atmosd.',
  })
}

/** Forgets clusters; tells what clients entered for them. With `dryRun` it only tells. */
export async function forgetClusters(
  { clusters }: House,
  which: (cluster: EnteredCluster) => boolean,
  dryRun: boolean,
): Promise<ClusterEntry[]> {
  const theirs = dryRun ? clusters.list().filter(which) : await clusters.forget(which)
  return theirs.map(({ context, cluster, user, files }) => ({ context, cluster, user, files }))
}
