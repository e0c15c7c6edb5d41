/** A loopback server with the guards in front: what comes behind them is of this user and of this machine. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { AuthError } from '../../shared/errors.ts'
import type { Log } from '../system/log.ts'
import type { PeerLookup } from '../system/peer.ts'
import { refusalOf } from './guards.ts'

export interface GuardParts {
  /** The uid of a connection's other end; undefined where the platform cannot say. */
  peer: PeerLookup | undefined
  uid: number
  log: Log
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What this route is asked with, in place of what the others of its server are. */
    methods?: readonly string[]
  }
}

/** How a dialect says no. */
export type Refuse = (reply: FastifyReply, error: AuthError, status?: number) => FastifyReply

const LARGEST_HEADERS = 16_384
/** Longer than the pools of Go and Java keep an idle connection, so that they never meet a closed one. */
const KEEP_ALIVE_MS = 75_000
const MOST_CONNECTIONS = 2_048

/**
 * Builds the server; the caller adds routes of the given methods, and listens. `headers` are those that even an answer
 * has to what is no HTTP.
 */
export function guardedServer(
  parts: GuardParts,
  refuse: Refuse,
  methods?: readonly string[],
  headers?: Readonly<Record<string, string>>,
): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: 0,
    requestTimeout: 5_000,
    bodyLimit: 8_192,
    return503OnClosing: false,
    http: { maxHeaderSize: LARGEST_HEADERS, headersTimeout: 5_000, requireHostHeader: false },
    frameworkErrors: (_, __, reply) => void refuse(reply, nothing(), 403),
    ...(headers ? { clientErrorHandler: (error, socket) => answerBroken(error, socket, headers) } : {}),
  })
  app.server.maxConnections = MOST_CONNECTIONS
  app.server.on('upgrade', (_, socket: Socket) => socket.destroy())
  app.server.on('connect', (_, socket: Socket) => socket.destroy())
  const ownerOf = peerCheck(parts)

  app.addHook('onRequest', (request, reply, done) => {
    const { method, url, rawHeaders, socket } = request.raw
    const host = `${hostOf(socket.localAddress)}:${socket.localPort}`
    const asked = { method, url, rawHeaders, remoteAddress: socket.remoteAddress }
    const refusal = refusalOf(asked, host, request.routeOptions.config.methods ?? methods)
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
  app.setNotFoundHandler((_, reply) => refuse(reply, nothing(), 403))
  app.setErrorHandler((error, _, reply) => {
    parts.log.error({ error: String(error) }, 'an endpoint failed')
    return refuse(reply, new AuthError('Internal', 'The daemon failed; see `atmosctl daemon logs`.'))
  })
  return app
}

/** What came is no request that could be answered in the dialect's words. */
function answerBroken(
  { code }: NodeJS.ErrnoException,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  )
}

function nothing(): AuthError {
  return new AuthError('Forbidden', 'There is no such address here.')
}

/** The same user's connection or not, asked once a connection. */
function peerCheck({ peer, uid }: GuardParts): (socket: Socket) => Promise<boolean> | boolean {
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
