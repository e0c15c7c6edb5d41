/**
 * IMDSv2, the dialect of EC2's instance metadata: a token for a PUT, then everything else for the token. It carries no
 * secret of the client's and clients drop paths, so that each grant has a port of its own.
 * See Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type AuthError, asAuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import type { Session } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { endpointStatus, sentence } from './failures.ts'
import { type GuardParts, guardedServer } from './guarded-server.ts'
import { imdsTokens } from './imds-tokens.ts'
import { metadataAt, type View } from './imds-tree.ts'

export interface ImdsParts extends GuardParts {
  clock: Clock
  random: Random
  isLive(grant: Grant): boolean
  session(grant: Grant, patienceMs: number): Promise<Session>
  region(grant: Grant): Promise<string>
  tooShort: View['tooShort']
  nearEnd: View['nearEnd']
}

/** The Go SDK waits half a second for the header of an answer. */
export const PATIENCE_MS = 350

const TOKEN_PATH = '/latest/api/token'
const DATED_TOKEN_PATH = /^\/[^/]+\/api\/token$/
const TTL = 'x-aws-ec2-metadata-token-ttl-seconds'
const TOKEN = 'x-aws-ec2-metadata-token'
const LONGEST_TTL = 21_600
const HEADERS = {
  'Content-Type': 'text/plain',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
}

/** Builds the server of one grant; the caller listens. */
export async function imdsServer(grant: Grant, parts: ImdsParts): Promise<FastifyInstance> {
  const { clock, random, session, region, tooShort, nearEnd } = parts
  const tokens = imdsTokens(random.bytes(32), clock)
  const view: View = {
    role: roleNameOf(grant.identity),
    region: () => region(grant),
    session: () => session(grant, PATIENCE_MS),
    tooShort,
    nearEnd,
    now: clock.now,
  }
  const app = guardedServer(parts, refuse, ['GET', 'HEAD', 'PUT'])
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_, body, done) => {
    body.resume()
    done(null)
  })

  app.put('/*', (request, reply) => {
    const path = pathOf(request)
    if (path !== TOKEN_PATH) return say(reply, DATED_TOKEN_PATH.test(path) ? 403 : 405)
    if (!parts.isLive(grant)) return say(reply, 403)
    const ttl = ttlOf(request.headers[TTL])
    if (ttl === undefined) return say(reply, 400, 'Missing or Invalid Parameters')
    return reply.headers({ ...HEADERS, [TTL]: String(ttl) }).send(tokens.issue(ttl))
  })

  app.get('/*', async (request, reply) => {
    const path = pathOf(request)
    if (path === TOKEN_PATH || DATED_TOKEN_PATH.test(path)) return say(reply, 405)
    if (!parts.isLive(grant)) return say(reply, 403)
    if (!tokens.isValid(String(request.headers[TOKEN] ?? ''))) return say(reply, 401)
    grant.lastUsedAt = clock.now()
    try {
      const text = await metadataAt(path.replace(/^\/|\/$/g, ''), view)
      return text === undefined ? say(reply, 404) : reply.headers(HEADERS).send(text)
    } catch (error) {
      return refuse(reply, asAuthError(error))
    }
  })
  await app.ready()
  return app
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
}

function say(reply: FastifyReply, status: number, text = titles[status] ?? ''): FastifyReply {
  const allowed = status === 405 ? { Allow: pathOf(reply.request) === TOKEN_PATH ? 'PUT' : 'GET, HEAD' } : {}
  return reply
    .code(status)
    .headers({ ...HEADERS, ...allowed })
    .send(`${status} - ${text}\n`)
}

function refuse(reply: FastifyReply, error: AuthError, status = endpointStatus(error)): FastifyReply {
  if (status === 503) reply.header('Retry-After', '1')
  return say(reply, status, sentence(error))
}

/**
 * As it was sent: nothing in it is decoded, so that there is one way to write each path. But the Java SDK puts `/latest/…`
 * right behind an address that ends in a slash, as older versions of botocore need it.
 */
function pathOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): string {
  const query = url.indexOf('?')
  const path = query < 0 ? url : url.slice(0, query)
  return path.startsWith('//latest/') ? path.slice(1) : path
}

function ttlOf(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '')
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return seconds >= 1 && seconds <= LONGEST_TTL ? seconds : undefined
}

/** A role's name is put into addresses as it is: only what nobody encodes there, and as long as IAM allows. */
export function roleNameOf(identity: string): string {
  return identity.replace(/[^\w.-]+/g, '-').slice(0, 64)
}
