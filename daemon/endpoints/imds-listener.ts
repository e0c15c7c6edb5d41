import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import type { Listener } from '../grants/listeners.ts'
import { listenLoopback } from '../system/listen.ts'
import { type ImdsParts, imdsServer } from './imds.ts'

/** Opens a port for one grant, any where none is given. PortTaken. */
export async function imdsListener(
  grant: Grant,
  port: number | undefined,
  parts: ImdsParts,
): Promise<Listener> {
  const app = await imdsServer(grant, parts)
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
