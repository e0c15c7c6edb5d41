/** The control API: HTTP with JSON over the unix socket. Shapes are checked here; what is done is in operations/. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { AuthError, asAuthError, failures, toFailureBody } from '../../shared/errors.ts'
import * as api from '../../shared/requests.ts'
import { routes } from '../../shared/routes.ts'
import { Secret } from '../../shared/secret.ts'
import { giveClusterToken } from '../operations/cluster-token.ts'
import { openConsole } from '../operations/console.ts'
import { giveCredential } from '../operations/credential.ts'
import { giveEksToken } from '../operations/eks-token.ts'
import { issueGrant, revokeGrants } from '../operations/grant.ts'
import type { House } from '../operations/house.ts'
import { applyIntegrations } from '../operations/integrations.ts'
import { entrustKeys, forgetKeys } from '../operations/keys.ts'
import { listWorkspace } from '../operations/listing.ts'
import { signIn } from '../operations/login.ts'
import { logout } from '../operations/logout.ts'
import { logoutAll } from '../operations/logout-all.ts'
import { listRegistries, registryCredential } from '../operations/registries.ts'
import { schema } from '../operations/schema.ts'
import { status } from '../operations/status.ts'
import { trustCommands } from '../operations/trust.ts'
import { whoami } from '../operations/whoami.ts'
import type { Log } from '../system/log.ts'

/** Builds the server; the caller listens. */
export async function controlServer(house: House, log: Log): Promise<FastifyInstance> {
  const app = fastify({ logger: false, bodyLimit: 1_048_576 })
  const post = <S extends z.ZodType>(path: string, schema: S, work: (input: z.output<S>) => unknown) =>
    app.post(path, async (request) => work(checked(schema, request.body)))

  app.get(routes.status, async () => status(house))
  app.get(routes.schema, () => schema())
  post(routes.workspace, api.WorkspaceRequest, (request) => listWorkspace(house, request))
  post(routes.whoami, api.IdentityRequest, (request) => whoami(house, request))
  post(routes.grants, api.GrantRequest, (request) => issueGrant(house, request))
  post(routes.revoke, api.RevokeRequest, async ({ id }) => ({
    grants: await revokeGrants(house, (grant) => grant.id === id),
  }))
  post(routes.credential, api.IdentityRequest, (request) => giveCredential(house, request))
  post(routes.console, api.ConsoleRequest, (request) => openConsole(house, request))
  post(routes.clusterToken, api.ClusterTokenRequest, (request) => giveClusterToken(house, request))
  post(routes.eksToken, api.EksTokenRequest, (request) => giveEksToken(house, request))
  post(routes.logout, api.LogoutRequest, (request) => logout(house, request))
  post(routes.trust, api.TrustRequest, (request) => trustCommands(house, request))
  post(routes.logoutAll, api.LogoutAllRequest, (request) => logoutAll(house, request))
  post(routes.keys, api.KeysRequest, (request) => entrustKeys(house, request))
  post(routes.forgetKeys, api.IdentityRequest, (request) => forgetKeys(house, request))
  post(routes.apply, api.ApplyRequest, (request) => applyIntegrations(house, request))
  app.get(routes.registries, async () => listRegistries(house))
  post(routes.registryCredential, api.RegistryRequest, (request) => registryCredential(house, request))
  post(routes.unlock, api.UnlockRequest, async ({ vault, password }) => {
    await house.keyrings.unlock(vault, new Secret(password))
    return {}
  })
  post(routes.loginAnswer, api.LoginAnswer, ({ question, answer }) => {
    if (house.audiences.answer(question, answer)) return {}
    throw new AuthError('NotFound', 'Nobody asked that question, or it has been answered.')
  })
  app.post(routes.login, (request, reply) => streamLogin(house, request, reply))
  app.post(routes.stop, async (_, reply) => {
    reply.raw.once('finish', house.stop)
    return {}
  })

  app.setNotFoundHandler((request, reply) =>
    answerFailure(
      reply,
      new AuthError('NotFound', `There is no ${request.method} ${request.url} in the control API.`),
    ),
  )
  app.setErrorHandler((error, _, reply) => {
    const failure = fromFramework(error)
    if (failure.code === 'Internal')
      log.error({ error: failure.message, stack: failure.stack }, 'a request failed')
    return answerFailure(reply, failure)
  })
  await app.ready()
  return app
}

function answerFailure(reply: FastifyReply, failure: AuthError) {
  return reply.code(failures[failure.code].status).send(toFailureBody(failure))
}

function checked<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AuthError(
    'BadRequest',
    `The request is malformed at ${issue?.path.join('.') || 'its root'}: ${issue?.message}.`,
  )
}

function fromFramework(error: unknown): AuthError {
  const status = (error as { statusCode?: number }).statusCode
  if (error instanceof AuthError || status === undefined || status >= 500) return asAuthError(error)
  return new AuthError('BadRequest', (error as Error).message, { cause: error })
}

/** One JSON object a line while the sign-in goes on. A client that hangs up has left it. */
async function streamLogin(house: House, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const input = checked(api.LoginRequest, request.body)
  const leave = new AbortController()
  reply.hijack()
  reply.raw.once('close', () => leave.abort())
  reply.raw.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  await signIn(house, input, (event) => reply.raw.write(`${JSON.stringify(event)}\n`), leave.signal)
  reply.raw.end()
}
