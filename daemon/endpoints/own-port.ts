/** A port for one grant alone, for the dialects that carry no secret: nothing else tells one grant's tool from another's. */
import type { FastifyInstance } from 'fastify'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Listener } from '../grants/listeners.ts'
import { listenLoopback } from '../system/listen.ts'

/** Opens the port for a server, any where none is given. PortTaken. */
export async function ownPort(app: FastifyInstance, port: number | undefined): Promise<Listener> {
  const { server } = app
  const bound = await listenLoopback(server, { host: '127.0.0.1', port: port ?? 0 }).catch((error) => {
    throw asAuthError(error).code === 'PortTaken' ? taken(port, error) : error
  })
  return {
    port: bound,
    async close() {
      server.close()
      server.closeAllConnections() // what a tool keeps open is no way around the end of its grant
      await app.close()
    },
  }
}

function taken(port: number | undefined, cause: unknown): AuthError {
  return new AuthError('PortTaken', `127.0.0.1:${port} is taken by another program.`, {
    hint: `See which with \`ss -ltnp 'sport = :${port}'\`, or choose another with --port.`,
    cause,
  })
}
