/** The server for all grants of dialects with a secret, and for the doors of the console: paths on one port. */
import type { FastifyInstance } from 'fastify'
import type { Doors } from '../operations/doors.ts'
import { AZURE_PATH, type AzureParts, azureIdentity, refuseAzure } from './azure-identity.ts'
import { consoleDoor, DOOR_PATH } from './console-door.ts'
import { CONTAINER_PATH, type ContainerParts, containerCredentials, refuse } from './container-credentials.ts'
import { type GuardParts, guardedServer, type Refuse } from './guarded-server.ts'

export interface CredentialServerParts extends GuardParts {
  container: ContainerParts
  azure: AzureParts
  doors: Pick<Doors, 'pass'>
}

/** Builds the server; the caller listens. */
export async function credentialServer(parts: CredentialServerParts): Promise<FastifyInstance> {
  const app = guardedServer(parts, refuseInItsWords)
  app.get(`${CONTAINER_PATH}/:id`, containerCredentials(parts.container))
  azureIdentity(app, parts.azure)
  // Whoever only looks, with HEAD, must not use it up.
  app.get(`${DOOR_PATH}/:id`, { exposeHeadRoute: false }, consoleDoor(parts.doors))
  await app.ready()
  return app
}

/** Also what is refused before there is a route says so in the dialect of its address. */
const refuseInItsWords: Refuse = (reply, error, status) =>
  (reply.request.raw.url?.startsWith(`${AZURE_PATH}/`) ? refuseAzure : refuse)(reply, error, status)
