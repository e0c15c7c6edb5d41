/** Azure Kubernetes Service, of which one call is needed. */
import { parse } from 'yaml'
import { AuthError } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { bearerRequest } from './bearer-json.ts'

/** The application that clusters with Entra ID sign-in are behind, the same everywhere (Azure/kubelogin, docs). */
export const AKS_SERVER = '6dae42f8-4368-4678-94ff-3960e28e3630'
const API_VERSION = '2024-09-01'

export interface Aks {
  /** Azure Resource Manager. */
  endpoint: string
  subscription: string
  resourceGroup: string
  name: string
  accessToken: Secret
  clock: Clock
  signal: AbortSignal
}

export interface AksCluster {
  /** Its id in Azure Resource Manager. */
  id: string
  server: string
  authority: string
  /** The application that its tokens are for. */
  audience: string
}

/** The kubeconfig that users of the cluster get, in its form with an exec plugin. */
export async function aksClusterRequest(at: Aks): Promise<AksCluster> {
  const { subscription, resourceGroup, name } = at
  const path = [
    ['subscriptions', subscription],
    ['resourceGroups', resourceGroup],
    ['providers/Microsoft.ContainerService/managedClusters', name],
  ].map(([kind, value = '']) => `/${kind}/${encodeURIComponent(value)}`)
  const id = path.join('')
  const answer = await bearerRequest({
    ...at,
    url: `${at.endpoint.replace(/\/+$/, '')}${id}/listClusterUserCredential?api-version=${API_VERSION}&format=exec`,
    method: 'POST',
    token: at.accessToken,
    whom: 'Azure',
    what: `describe the cluster ${name}`,
    refused: 'Ask for the role "Azure Kubernetes Service Cluster User Role" on the cluster.',
  })
  return { id, ...processKubeconfig(name, answer) }
}

interface Kubeconfig {
  clusters?: { cluster?: { server?: unknown; 'certificate-authority-data'?: unknown } }[]
  users?: { user?: { exec?: { args?: unknown } } }[]
}

/** The cluster in the answer. UpstreamInvalid where it knows no sign-in with Entra ID. */
export function processKubeconfig(name: string, answer: unknown): Omit<AksCluster, 'id'> {
  const [given] = (answer as { kubeconfigs?: { value?: unknown }[] } | null)?.kubeconfigs ?? []
  const { clusters, users } = kubeconfigIn(given?.value)
  const { server, 'certificate-authority-data': authority } = clusters?.[0]?.cluster ?? {}
  const args = users?.[0]?.user?.exec?.args
  if (typeof server !== 'string' || typeof authority !== 'string' || URL.parse(server)?.protocol !== 'https:')
    throw new AuthError('UpstreamUnavailable', `Azure described the cluster ${name} with nothing usable.`)
  if (!Array.isArray(args))
    throw new AuthError('UpstreamInvalid', `The cluster ${name} takes no sign-in with Entra ID.`, {
      hint: 'Turn on its sign-in with Entra ID; atmosd keeps no certificates of clusters.',
    })
  const audience: unknown = args[args.indexOf('--server-id') + 1]
  const isTold = args.includes('--server-id') && typeof audience === 'string'
  return { server, authority, audience: isTold ? (audience as string) : AKS_SERVER }
}

function kubeconfigIn(value: unknown): Kubeconfig {
  try {
    const text = Buffer.from(String(value ?? ''), 'base64').toString('utf8')
    return (parse(text, { maxAliasCount: 0 }) as Kubeconfig | null) ?? {}
  } catch {
    return {}
  }
}
