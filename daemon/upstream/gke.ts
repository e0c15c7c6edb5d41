/** Google Kubernetes Engine, of which one call is needed. */
import { AuthError } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { bearerRequest } from './bearer-json.ts'

export interface Gke {
  endpoint: string | undefined
  project: string
  /** A region or a zone. */
  location: string
  name: string
  accessToken: Secret
  quotaProject: string | undefined
  clock: Clock
  signal: AbortSignal
}

export interface GkeCluster {
  id: string
  server: string
  authority: string
}

/** projects.locations.clusters.get, as much of it as is needed: all of it has no bound. */
export async function gkeClusterRequest(at: Gke): Promise<GkeCluster> {
  const { project, location, name } = at
  const id = `projects/${project}/locations/${location}/clusters/${encodeURIComponent(name)}`
  const origin = (at.endpoint ?? 'https://container.googleapis.com').replace(/\/+$/, '')
  const answer = await bearerRequest({
    ...at,
    url: `${origin}/v1/${id}?fields=endpoint,status,masterAuth(clusterCaCertificate)`,
    token: at.accessToken,
    whom: 'Google Cloud',
    what: `describe the cluster ${name}`,
    refused: `Ask for the role roles/container.clusterViewer in ${project}.`,
  })
  return { id, ...processCluster(name, answer) }
}

interface ClusterData {
  endpoint?: unknown
  status?: unknown
  masterAuth?: { clusterCaCertificate?: unknown }
}

/** The cluster where it can be used; Pending while it is made, UpstreamInvalid where it cannot be used. */
export function processCluster(name: string, answer: unknown): Omit<GkeCluster, 'id'> {
  const { endpoint, status, masterAuth } = (answer ?? {}) as ClusterData
  if (status === 'PROVISIONING')
    throw new AuthError('Pending', `The cluster ${name} is still being made.`, { hint: 'Try again later.' })
  if (status === 'STOPPING' || status === 'ERROR')
    throw new AuthError('UpstreamInvalid', `The cluster ${name} cannot be used: it is ${status}.`)
  const authority = masterAuth?.clusterCaCertificate
  const server = typeof endpoint === 'string' && endpoint !== '' ? serverAt(endpoint) : null
  // Without TLS kubectl sends no token at all, and without the authority it trusts anybody.
  if (typeof authority !== 'string' || authority === '' || !server)
    throw new AuthError('UpstreamUnavailable', `Google described the cluster ${name} with nothing usable.`)
  if (server.protocol !== 'https:')
    throw new AuthError('UpstreamInvalid', `The cluster ${name} is at ${endpoint}, without TLS.`, {
      hint: 'No token is sent there. Give its control plane an address with https.',
    })
  return { server: `https://${server.host}`, authority }
}

/** Google gives an address with no scheme. */
function serverAt(endpoint: string): URL | null {
  return URL.parse(endpoint.includes('://') ? endpoint : `https://${endpoint}`)
}
