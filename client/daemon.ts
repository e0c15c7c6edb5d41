/** The control API as the commands use it: typed, started on demand, and asked again with what it turned out to need. */

import type { ClusterTokenReply } from '../shared/cluster-token-reply.ts'
import type { ConsoleReply } from '../shared/console-reply.ts'
import type { CredentialReply } from '../shared/credential-reply.ts'
import type { AuthError } from '../shared/errors.ts'
import type { ApplyReply } from '../shared/integration-replies.ts'
import type { KeysReply } from '../shared/keys-reply.ts'
import type {
  GrantReply,
  LoginEvent,
  LogoutReply,
  TrustReply,
  WhoamiReply,
  WorkspaceReply,
} from '../shared/replies.ts'
import type {
  ApplyRequest,
  ClusterTokenRequest,
  ConsoleRequest,
  EksTokenRequest,
  GrantRequest,
  KeysRequest,
  LoginAnswer,
  LoginRequest,
  LogoutAllRequest,
  LogoutRequest,
  RevokeRequest,
  TrustRequest,
} from '../shared/requests.ts'
import { routes } from '../shared/routes.ts'
import type { StatusReply } from '../shared/status-reply.ts'
import { json, lastEvent } from './answer.ts'
import type { Here } from './here.ts'
import { unlock } from './password.ts'
import { type Answer, type Exchange, exchange } from './socket.ts'
import { standingOf } from './standing.ts'
import { answerTo } from './values.ts'

type Environment = Record<string, string | null>
type Placed<T> = Omit<T, 'workspace'>

export interface Daemon {
  workspace(): Promise<WorkspaceReply>
  /** JSON Schema of the configuration. */
  schema(): Promise<object>
  whoami(request: { identity?: string }): Promise<WhoamiReply>
  grant(request: Placed<GrantRequest>): Promise<GrantReply>
  /** Takes a grant back; starts no daemon for it. */
  revoke(grant: RevokeRequest): Promise<void>
  /** A credential itself. */
  credential(request: { identity?: string }): Promise<CredentialReply>
  /** A way into the web console. */
  console(request: Placed<ConsoleRequest>): Promise<ConsoleReply>
  clusterToken(request: Placed<ClusterTokenRequest>): Promise<ClusterTokenReply>
  eksToken(request: Placed<EksTokenRequest>): Promise<ClusterTokenReply>
  /** Entrusts keys to the keyring; without any, looks whether the identity can have some. */
  keys(request: Placed<KeysRequest>): Promise<KeysReply>
  forgetKeys(request: { identity?: string }): Promise<KeysReply>
  /** Applies integrations; what is to be written, the reply says. */
  apply(request: Placed<ApplyRequest>): Promise<ApplyReply>
  logout(request: Placed<LogoutRequest>): Promise<LogoutReply>
  logoutAll(request: LogoutAllRequest): Promise<LogoutReply>
  /** Signs in; `show` gets each event. The last is `done`; a failure is thrown. */
  login(
    request: Placed<LoginRequest>,
    show: (event: LoginEvent) => void,
    signal: AbortSignal,
  ): Promise<LoginEvent>
  trust(request: Placed<TrustRequest>): Promise<TrustReply>
  answer(answer: LoginAnswer): Promise<void>
  status(): Promise<StatusReply>
  stop(): Promise<void>
}

/** The daemon of this user. Unless told otherwise, the first request starts it where none runs. */
export function daemonOf(here: Here, options: { start: boolean } = { start: true }): Daemon {
  const environment: Environment = {}
  const standing = standingOf(here)

  async function send(request: Exchange): Promise<Answer> {
    try {
      return await exchange(here, request)
    } catch (error) {
      if (!options.start || (error as AuthError).code !== 'DaemonUnreachable') throw error
      const { startDaemon } = await import('./start.ts')
      await startDaemon(here)
      return exchange(here, request)
    }
  }

  /** Asks from where the client stands; sends variables and the keyring's password when they are asked for. */
  async function ask<T>(
    path: string,
    request: object,
    read: (answer: Answer) => T,
    more: Partial<Exchange> = {},
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const body = { ...request, workspace: { ...standing, environment } }
      try {
        return read(await send({ method: 'POST', path, body, ...more }))
      } catch (error) {
        const { code, details } = error as AuthError
        if (attempt < 4 && code === 'EnvironmentNeeded') await collect(here, details?.names, environment)
        else if (attempt < 4 && code === 'PasswordRequired') await unlock(here, details ?? {})
        else throw error
      }
    }
  }

  return {
    workspace: () => ask(routes.workspace, {}, json<WorkspaceReply>),
    schema: async () => json<object>(await send({ method: 'GET', path: routes.schema })),
    whoami: (request) => ask(routes.whoami, request, json<WhoamiReply>),
    grant: (request) => ask(routes.grants, request, json<GrantReply>),
    revoke: async (grant) =>
      void json(await exchange(here, { method: 'POST', path: routes.revoke, body: grant })),
    credential: (request) => ask(routes.credential, request, json<CredentialReply>),
    console: (request) => ask(routes.console, request, json<ConsoleReply>),
    clusterToken: (request) => ask(routes.clusterToken, request, json<ClusterTokenReply>),
    eksToken: (request) => ask(routes.eksToken, request, json<ClusterTokenReply>),
    keys: (request) => ask(routes.keys, request, json<KeysReply>),
    forgetKeys: (request) => ask(routes.forgetKeys, request, json<KeysReply>),
    apply: (request) => ask(routes.apply, request, json<ApplyReply>),
    logout: (request) => ask(routes.logout, request, json<LogoutReply>),
    logoutAll: async (body) =>
      json<LogoutReply>(await send({ method: 'POST', path: routes.logoutAll, body })),
    login(request, show, signal) {
      const onLine = (line: string) => show(JSON.parse(line) as LoginEvent)
      return ask(routes.login, request, lastEvent, { onLine, signal })
    },
    trust: (request) => ask(routes.trust, request, json<TrustReply>),
    answer: async (answer) =>
      void json(await send({ method: 'POST', path: routes.loginAnswer, body: answer })),
    status: async () => json<StatusReply>(await send({ method: 'GET', path: routes.status })),
    stop: async () => void json(await exchange(here, { method: 'POST', path: routes.stop })),
  }
}

async function collect(here: Here, names: unknown, environment: Environment): Promise<void> {
  for (const name of names as string[]) environment[name] = await answerTo(here, name)
}
