/**
 * The dialects of Azure's managed identities, below `/azure/<grant>`: App Service's, with the grant's secret in a
 * header, and those of a virtual machine and of the Cloud Shell, whose clients can be given nothing but an address.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import type { Session, Times } from '../sessions/session.ts'
import { azureFailure, tokenBody } from './azure-answer.ts'
import { ownerOf } from './azure-claims.ts'
import {
  appService,
  azureRefusal,
  cloudShell,
  type Form,
  instanceMetadata,
  questionIn,
} from './azure-question.ts'
import { unknownGrant } from './failures.ts'

export const AZURE_PATH = '/azure'

/** None of these clients gives up sooner, and not all of them ask again: what can be had soon is waited for. */
export const PATIENCE_MS = 3_000

export interface AzureParts {
  clock: Times
  authenticate(id: string, secret: string): Grant | undefined
  authenticatePath(id: string, path: string): Grant | undefined
  token(
    grant: Grant,
    scope: string,
    patienceMs: number,
  ): Promise<{ session: Session; client: string | undefined }>
}

const HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
}
const FORM_TYPE = /^application\/x-www-form-urlencoded(?:;|$)/i
const SHELL_PATH = `${AZURE_PATH}/:id/:path/cloudshell`
const TOKEN_PATH = `${AZURE_PATH}/:id/:path/metadata/identity/oauth2/token`

interface Asked {
  id?: string
  path?: string
}

/** Adds the routes. */
export function azureIdentity(app: FastifyInstance, parts: AzureParts): void {
  const answer = answering(parts)
  app.get(`${AZURE_PATH}/:id/msi/token`, (request, reply) =>
    answer(request, reply, appService, () => bySecret(request, parts)),
  )
  const metadata = (request: FastifyRequest, reply: FastifyReply) =>
    answer(request, reply, instanceMetadata, () => byPath(request, parts))
  app.get(TOKEN_PATH, metadata)
  app.get(`${TOKEN_PATH}/`, metadata) // as the SDK for JavaScript asks
  const shell = (request: FastifyRequest, reply: FastifyReply) =>
    answer(request, reply, cloudShell, () => byPath(request, parts))
  app.get(SHELL_PATH, shell) // as the SDK for Java asks
  app.register((forms, _, done) => {
    forms.removeAllContentTypeParsers()
    forms.addContentTypeParser('*', { parseAs: 'string' }, (_, body, parsed) => parsed(null, body))
    forms.post(SHELL_PATH, { config: { methods: ['POST'] } }, shell)
    done()
  })
}

function answering({ clock, token }: AzureParts) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    form: Form,
    grantOf: () => Grant,
  ): Promise<FastifyReply> => {
    try {
      const grant = grantOf()
      const question = questionIn(fieldsOf(request), form)
      const { session, client } = await token(grant, question.scope, PATIENCE_MS)
      const { credential } = session
      if (credential.type !== 'azure-token')
        throw new AuthError('BadRequest', `"${session.name}" gives no tokens of Azure.`)
      const text = credential.accessToken.reveal()
      const owner = ownerOf(text, question, client)
      const { resource } = question
      return reply
        .headers(HEADERS)
        .send(
          Buffer.from(
            JSON.stringify(tokenBody(session, { token: text, resource, client: owner.client }, clock)),
          ),
        )
    } catch (error) {
      return refuseAzure(reply, asAuthError(error))
    }
  }
}

/** Answers with a failure of this dialect. */
export function refuseAzure(reply: FastifyReply, error: AuthError, status?: number): FastifyReply {
  const answer = azureFailure(error, status)
  return reply
    .code(answer.status)
    .headers({ ...HEADERS, ...answer.headers })
    .send(answer.body)
}

function bySecret(request: FastifyRequest, { authenticate }: AzureParts): Grant {
  const { id = '' } = request.params as Asked
  const secret = String(request.headers['x-identity-header'] ?? '')
  const grant = authenticate(id, secret)
  if (grant) return grant
  throw unknownGrant(secret)
}

/** A web page can send a form, but not this header without asking first, which nobody answers. */
function byPath({ headers, params }: FastifyRequest, { authenticatePath }: AzureParts): Grant {
  if (headers.metadata !== 'true')
    throw azureRefusal('bad_request_102', 'Required metadata header not specified.')
  const { id = '', path = '' } = params as Asked
  const grant = authenticatePath(id, path)
  if (grant) return grant
  throw unknownGrant(path)
}

/** What is asked for: in the query, or in the form that is posted. */
function fieldsOf({ raw: { url = '', method }, headers, body }: FastifyRequest): URLSearchParams {
  if (method !== 'POST') return new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length))
  if (FORM_TYPE.test(headers['content-type'] ?? '') && typeof body === 'string')
    return new URLSearchParams(body)
  throw azureRefusal('invalid_request', 'A form is expected here, with a resource.')
}
