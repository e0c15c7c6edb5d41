/** The server of the container credentials dialect: one port for all grants, each with its own path and secret. */
import type { FastifyInstance } from 'fastify'
import { CONTAINER_PATH, type ContainerParts, containerCredentials, refuse } from './container-credentials.ts'
import { type GuardParts, guardedServer } from './guarded-server.ts'

export interface CredentialServerParts extends GuardParts {
  container: ContainerParts
}

/** Builds the server; the caller listens. */
export async function credentialServer(parts: CredentialServerParts): Promise<FastifyInstance> {
  const app = guardedServer(parts, refuse)
  app.get(`${CONTAINER_PATH}/:id`, containerCredentials(parts.container))
  await app.ready()
  return app
}
