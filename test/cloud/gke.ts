/** GKE: projects.locations.clusters.get. Every name is that of a cluster in the project that is asked for. */
import { bearerOf, CLOUD_PLATFORM } from './google-state.ts'
import type { State } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

export const GKE_CALL = /^\/v1\/projects\/([^/]+)\/locations\/([^/]+)\/clusters\/([^/]+)$/

export function gkeCluster(state: State, { path, query, headers }: Asked): Reply {
  const [, project, location, name = ''] = (GKE_CALL.exec(path) ?? []).map(decodeURIComponent)
  const caller = bearerOf(state, headers.authorization)
  if (!caller) throw new Refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
  if (!caller.scopes.includes(CLOUD_PLATFORM))
    throw new Refused(403, 'PERMISSION_DENIED', 'Request had insufficient authentication scopes.')
  const change = state.google.clusters.get(name)
  const resource = `projects/${project}/locations/${location}/clusters/${name}`
  if (change === null) throw new Refused(404, 'NOT_FOUND', `Not found: ${resource}.`)
  const { status = 'RUNNING', endpoint = '203.0.113.10', authority } = change ?? {}
  const clusterCaCertificate = authority ?? Buffer.from('a certificate').toString('base64')
  const cluster = { name, location, endpoint, status, masterAuth: { clusterCaCertificate } }
  const wanted = query
    .get('fields')
    ?.replace(/\([^)]*\)/g, '')
    .split(',')
  return jsonReply(
    Object.fromEntries(Object.entries(cluster).filter(([field]) => wanted?.includes(field) ?? true)),
  )
}
