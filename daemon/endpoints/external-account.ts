/**
 * What stands behind a credential file of the type external_account, under `/gcp/<grant>`: a token that stands for the
 * grant, got for its secret, and the exchange of that one for an access token, as at a security token service.
 * See https://google.aip.dev/auth/4117, RFC 8693 section 2 and RFC 7662.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type AuthError, asAuthError } from '../../shared/errors.ts'
import { SUBJECT_TOKEN_FIELD } from '../../shared/external-account.ts'
import type { Grant } from '../grants/grant.ts'
import type { Random } from '../system/random.ts'
import { type ExchangeParts, exchange, SUBJECT_LIFE_MS } from './external-account-exchange.ts'
import { accountOf } from './google-account.ts'
import { mistake, oauthFailure } from './oauth-failures.ts'

export interface ExternalAccountParts extends ExchangeParts {
  authenticate(id: string, secret: string): Grant | undefined
  random: Random
}

export const GCP_PATH = '/gcp'

const SUBJECT_BYTES = 32
const SCHEME = 'Bearer '
/** What these routes are asked with: a form, and so POST. */
const FORM = { config: { methods: ['POST'] } }
const HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
}

/** Adds the routes. */
export function externalAccount(app: FastifyInstance, parts: ExternalAccountParts): void {
  app.get(`${GCP_PATH}/:id/subject`, { exposeHeadRoute: false }, answering(subject))
  app.register((forms, _, done) => {
    forms.removeAllContentTypeParsers()
    forms.addContentTypeParser('*', { parseAs: 'string' }, (_, body, parsed) => parsed(null, body))
    const exchanging = async (request: FastifyRequest, id: string) => exchange(parts, id, formOf(request))
    forms.post(`${GCP_PATH}/:id/token`, FORM, answering(exchanging))
    forms.post(`${GCP_PATH}/:id/introspect`, FORM, answering(introspection))
    done()
  })

  async function subject({ headers }: FastifyRequest, id: string): Promise<object> {
    const { authorization = '' } = headers
    const secret = authorization.startsWith(SCHEME) ? authorization.slice(SCHEME.length) : ''
    const grant = parts.authenticate(id, secret)
    if (grant?.dialect !== 'gce-metadata') throw unauthorized()
    const token = parts.random.token(SUBJECT_BYTES)
    parts.subjects.note(grant, token, SUBJECT_LIFE_MS)
    return { [SUBJECT_TOKEN_FIELD]: token }
  }

  /** gcloud asks whose a token is. Who has one that was handed out here may know. */
  async function introspection(request: FastifyRequest, id: string): Promise<object> {
    const grant = parts.tokens.knows(id, formOf(request).get('token') ?? '')
    if (!grant || !parts.isLive(grant)) return { active: false }
    const usual = () => parts.session(grant, undefined, 0)
    return { active: true, username: await accountOf(grant.identity, await parts.facts(grant), usual) }
  }
}

/** What `answer` resolves to as JSON, and what it throws in OAuth's words. */
function answering(answer: (request: FastifyRequest, id: string) => Promise<object>) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { id } = request.params as { id: string }
    try {
      return reply.headers(HEADERS).send(Buffer.from(JSON.stringify(await answer(request, id))))
    } catch (error) {
      return refuseExchange(reply, asAuthError(error))
    }
  }
}

/** Answers with a failure in OAuth's words. */
export function refuseExchange(reply: FastifyReply, error: AuthError, given?: number): FastifyReply {
  const { status, body } = oauthFailure(error, given)
  if (status === 405) reply.header('Allow', 'GET')
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer')
  if (status === 503) reply.header('Retry-After', '1')
  return reply.code(status).headers(HEADERS).send(body)
}

function formOf({ headers, body }: FastifyRequest): URLSearchParams {
  const [type] = (headers['content-type'] ?? '').toLowerCase().split(';')
  if (type?.trim() === 'application/x-www-form-urlencoded') return new URLSearchParams(String(body ?? ''))
  throw mistake('invalid_request', 'The request is no form.')
}

function unauthorized(): AuthError {
  return mistake(
    'invalid_token',
    'The authorization is missing or not valid (any more).',
    'Run the tool again under `atmosctl exec`.',
  )
}
