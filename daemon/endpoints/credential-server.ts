/** The server for all grants of dialects with a secret, and for the doors of the console: paths on one port. */
import type { FastifyInstance } from 'fastify'
import type { Doors } from '../operations/doors.ts'
import { consoleDoor, DOOR_PATH } from './console-door.ts'
import { CONTAINER_PATH, type ContainerParts, containerCredentials, refuse } from './container-credentials.ts'
import { type ExternalAccountParts, externalAccount } from './external-account.ts'
import { type GuardParts, guardedServer } from './guarded-server.ts'

export interface CredentialServerParts extends GuardParts {
  container: ContainerParts
  google: ExternalAccountParts
  doors: Pick<Doors, 'pass'>
}

/** Builds the server; the caller listens. */
export async function credentialServer(parts: CredentialServerParts): Promise<FastifyInstance> {
  const app = guardedServer(parts, refuse)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  app.get(`${CONTAINER_PATH}/:id`, containerCredentials(parts.container))
  // Whoever only looks, with HEAD, must not use it up.
  app.get(`${DOOR_PATH}/:id`, { exposeHeadRoute: false }, consoleDoor(parts.doors))
  externalAccount(app, parts.google)
  await app.ready()
  return app
}
