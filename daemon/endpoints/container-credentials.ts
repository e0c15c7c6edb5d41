/**
 * The AWS container credentials dialect: `GET /aws/<grant>` with the grant's secret in `Authorization`.
 * See AWS SDKs and Tools Reference Guide, "Container credential provider".
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AwsCredential } from '../../shared/credential.ts'
import { formatInstant } from '../../shared/duration.ts'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import type { Session } from '../sessions/session.ts'
import { containerFailure, unknownGrant } from './failures.ts'

export const CONTAINER_PATH = '/aws'

/** An SDK waits a second at most before it counts the request as failed (JavaScript) or tries again. */
export const PATIENCE_MS = 700

export interface ContainerParts {
  authenticate(id: string, authorization: string): Grant | undefined
  /** The session that needs no waiting, if any. */
  ready(grant: Grant): Session | undefined
  session(grant: Grant, patienceMs: number): Promise<Session>
}

/** Content-Type is exactly this: the Go SDK does not read an error body with a charset parameter. */
const HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
}

const presented = new WeakMap<Session, Buffer>()

export function containerCredentials(parts: ContainerParts) {
  return (request: FastifyRequest, reply: FastifyReply) => {
    const { id = '' } = request.params as { id?: string }
    const grant = parts.authenticate(id, request.headers.authorization ?? '')
    if (!grant) return refuse(reply, unknownGrant(request.headers.authorization))
    const answer = (session: Session) => reply.headers(HEADERS).send(present(session))
    const ready = parts.ready(grant)
    if (ready) return answer(ready)
    return parts.session(grant, PATIENCE_MS).then(answer, (error) => refuse(reply, asAuthError(error)))
  }
}

/** Answers with a failure of this dialect. */
export function refuse(reply: FastifyReply, error: AuthError, status?: number) {
  const answer = containerFailure(error, status)
  return reply
    .code(answer.status)
    .headers({ ...HEADERS, ...answer.headers })
    .send(answer.body)
}

/** The bytes of an answer, made once a session. */
function present(session: Session): Buffer {
  const known = presented.get(session)
  if (known) return known
  if (session.credential.type !== 'aws') {
    throw new AuthError('BadRequest', `"${session.name}" gives no AWS credentials.`)
  }
  const bytes = Buffer.from(JSON.stringify(containerBody(session.credential)))
  presented.set(session, bytes)
  return bytes
}

export function containerBody(credential: AwsCredential) {
  return {
    AccessKeyId: credential.accessKeyId,
    SecretAccessKey: credential.secretAccessKey.reveal(),
    Token: credential.sessionToken.reveal(),
    Expiration: formatInstant(credential.expiresAt),
    ...(credential.accountId === undefined ? {} : { AccountId: credential.accountId }),
  }
}
