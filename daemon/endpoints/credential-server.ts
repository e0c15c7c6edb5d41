/** The loopback server: guards in front, dialects behind. */
import type { Socket } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { AuthError } from '../../shared/errors.ts'
import type { Doors } from '../operations/doors.ts'
import type { Log } from '../system/log.ts'
import type { PeerLookup } from '../system/peer.ts'
import { consoleDoor, DOOR_PATH } from './console-door.ts'
import { CONTAINER_PATH, type ContainerParts, containerCredentials, refuse } from './container-credentials.ts'
import { refusalOf } from './guards.ts'

export interface CredentialServerParts {
  container: ContainerParts
  doors: Pick<Doors, 'pass'>
  /** The uid of a connection's other end; undefined where the platform cannot say. */
  peer: PeerLookup | undefined
  uid: number
  log: Log
}

const LARGEST_HEADERS = 16_384
/** Longer than the pools of Go and Java keep an idle connection, so that they never meet a closed one. */
const KEEP_ALIVE_MS = 75_000
const MOST_CONNECTIONS = 2_048

/** Builds the server; the caller listens. */
export async function credentialServer(parts: CredentialServerParts): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    trustProxy: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: 0,
    requestTimeout: 5_000,
    bodyLimit: 8_192,
    return503OnClosing: false,
    http: { maxHeaderSize: LARGEST_HEADERS, headersTimeout: 5_000, requireHostHeader: false },
    frameworkErrors: (_, __, reply) => void refuse(reply, new AuthError('Forbidden', NOTHING), 403),
  })
  app.server.maxConnections = MOST_CONNECTIONS
  app.server.on('upgrade', (_, socket: Socket) => socket.destroy())
  app.server.on('connect', (_, socket: Socket) => socket.destroy())
  const ownerOf = peerCheck(parts)

  app.addHook('onRequest', (request, reply, done) => {
    const { method, url, rawHeaders, socket } = request.raw
    const host = `${hostOf(socket.localAddress)}:${socket.localPort}`
    const refusal = refusalOf({ method, url, rawHeaders, remoteAddress: socket.remoteAddress }, host)
    if (refusal) return void refuse(reply, new AuthError(refusal.code, refusal.message), refusal.status)
    const proceed = (isOurs: boolean) => {
      if (isOurs) return done()
      parts.log.warn({ remotePort: socket.remotePort }, 'refused a connection of another user')
      refuse(reply, new AuthError('Forbidden', 'Only programs of the same user may ask.'))
    }
    const verdict = ownerOf(socket)
    if (typeof verdict === 'boolean') proceed(verdict)
    else verdict.then(proceed, done)
  })
  app.get(`${CONTAINER_PATH}/:id`, containerCredentials(parts.container))
  // Whoever only looks, with HEAD, must not use it up.
  app.get(`${DOOR_PATH}/:id`, { exposeHeadRoute: false }, consoleDoor(parts.doors))
  app.setNotFoundHandler((_, reply) => refuse(reply, new AuthError('Forbidden', NOTHING), 403))
  app.setErrorHandler((error, _, reply) => {
    parts.log.error({ error: String(error) }, 'an endpoint failed')
    return refuse(reply, new AuthError('Internal', 'The daemon failed; see `atmosctl daemon logs`.'))
  })
  await app.ready()
  return app
}

const NOTHING = 'There is no such address here.'

/** The same user's connection or not, asked once a connection. */
function peerCheck({ peer, uid }: CredentialServerParts): (socket: Socket) => Promise<boolean> | boolean {
  if (!peer) return () => true
  const verdicts = new WeakMap<Socket, Promise<boolean> | boolean>()
  return (socket) => {
    const known = verdicts.get(socket)
    if (known !== undefined) return known
    const verdict = peer(socket).then((owner) => {
      verdicts.set(socket, owner === uid)
      return owner === uid
    })
    verdicts.set(socket, verdict)
    return verdict
  }
}

function hostOf(address: string | undefined): string {
  return address?.includes(':') ? `[${address}]` : (address ?? '')
}
