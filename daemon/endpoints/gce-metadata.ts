/**
 * The metadata server of Google's virtual machines, as far as tools look at it. It carries no secret of the client's and
 * clients drop paths, so that each grant has a port of its own.
 * See Compute Engine documentation, "About VM metadata" and "Troubleshoot metadata server".
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import type { TokenSource } from '../operations/tokens.ts'
import type { Clock } from '../system/clock.ts'
import { endpointStatus, sentence } from './failures.ts'
import { type Answer, directoryAnswer, valueAnswer } from './gce-metadata-answer.ts'
import { waitForChanges } from './gce-metadata-change.ts'
import { type Query, queryOf } from './gce-metadata-query.ts'
import { identityAnswer, PATIENCE_MS, tokenAnswer } from './gce-metadata-tokens.ts'
import { ASKED, type Directory, entryAt, metadataTree } from './gce-metadata-tree.ts'
import { accountOf } from './google-account.ts'
import { type GuardParts, guardedServer } from './guarded-server.ts'

export interface GceMetadataParts extends GuardParts, TokenSource {
  clock: Clock
  isLive(grant: Grant): boolean
}

/** On every answer: Node's and Java's clients take one without the flavor for another server's, whatever it says. */
const HEADERS = {
  'Metadata-Flavor': 'Google',
  Server: 'Metadata Server for VM',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
}
const MISSING_FLAVOR = 'Missing required header "Metadata-Flavor": "Google"'
/** gsutil asks for this directory without its slash, and does not go where it is sent. */
const NEVER_REDIRECTED = /\/service-accounts$/

/** Builds the server of one grant; the caller listens. */
export async function gceMetadataServer(grant: Grant, parts: GceMetadataParts): Promise<FastifyInstance> {
  const { clock, isLive } = parts
  const waiting = waitForChanges(clock)
  const facts = () => parts.facts(grant)
  const usual = () => parts.session(grant, undefined, PATIENCE_MS)
  const email = async () => accountOf(grant.identity, await facts(), usual)
  const tree = metadataTree({ grant, facts, email })
  const app = guardedServer(parts, refuse, undefined, HEADERS)

  app.get('/*', async (request, reply) => {
    const url = request.raw.url ?? '/'
    const [path = '/'] = url.split('?', 1)
    try {
      if (path !== '/' && request.headers['metadata-flavor'] !== 'Google')
        return reply.code(403).headers(HEADERS).type('text/html').send(Buffer.from(MISSING_FLAVOR))
      const query = queryOf(url)
      if (!query) throw new AuthError('BadRequest', 'A parameter has no value that it can have.')
      const now = () => answerAt(path, query)
      const answer = query.wait ? await changed(now, query.wait, reply) : await now()
      if (answer !== 'redirect') return send(reply, answer)
      return reply
        .code(301)
        .headers({ ...HEADERS, Location: `${path}/${url.slice(path.length)}` })
        .send()
    } catch (error) {
      return refuse(reply, asAuthError(error))
    }
  })
  await app.ready()
  return app

  async function answerAt(path: string, query: Query): Promise<Answer | 'redirect'> {
    if (!isLive(grant)) throw new AuthError('GrantRevoked', 'The tool run that this was for is over.')
    grant.lastUsedAt = clock.now()
    const names = namesOf(path)
    const entry = names && (await entryAt(tree, names))
    if (entry === undefined) throw new AuthError('NotFound', 'There is nothing at this path.')
    if (typeof entry === 'function') return directoryAt(entry, path, query)
    if (path.endsWith('/')) throw new AuthError('NotFound', 'There is no such directory.')
    if (entry !== ASKED) return valueAnswer(entry, query)
    const ask = path.endsWith('/token') ? tokenAnswer : identityAnswer
    return ask(parts, grant, query.parameters)
  }

  async function changed(
    now: () => Promise<Answer | 'redirect'>,
    wait: NonNullable<Query['wait']>,
    reply: FastifyReply,
  ) {
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const first = await now()
    if (first === 'redirect') return first
    const answer = await waiting.changed(now as () => Promise<Answer>, { ...wait, signal: gone.signal })
    if (!answer) throw new AuthError('Pending', 'Too many requests wait for a change already.')
    return answer
  }
}

function directoryAt(entry: Directory, path: string, query: Query): Promise<Answer> | 'redirect' {
  const isWhole = path.endsWith('/') || query.recursive || NEVER_REDIRECTED.test(path)
  return isWhole ? directoryAnswer(entry, query) : 'redirect'
}

/** The names along a path as it was sent, so that there is one way to write each; undefined for what is no path of names. */
function namesOf(path: string): string[] | undefined {
  const names = path.replace(/^\/|\/$/g, '').split('/')
  if (path === '/') return []
  return names.includes('') ? undefined : names.map((name) => name.replace('%40', '@'))
}

function send(reply: FastifyReply, { type, body, etag }: Answer): FastifyReply {
  return reply.headers({ ...HEADERS, 'Content-Type': type, ETag: etag }).send(Buffer.from(body))
}

function refuse(reply: FastifyReply, error: AuthError, status = statusOf(error)): FastifyReply {
  if (status === 405) reply.header('Allow', 'GET, HEAD')
  if (status === 503) reply.header('Retry-After', '1')
  return reply
    .code(status)
    .headers({ ...HEADERS, 'Content-Type': 'text/plain' })
    .send(Buffer.from(`${sentence(error)}\n`))
}

/** What there is not is 404 here, and nothing else: Go's client takes that for an answer. */
function statusOf(error: AuthError): number {
  return error.code === 'NotFound' ? 404 : endpointStatus(error)
}
