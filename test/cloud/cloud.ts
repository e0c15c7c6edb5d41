/**
 * The sandbox cloud: SSO OIDC, the SSO portal, STS, ECR, EKS, AWS Sign-In for programs and for the console, and Google's
 * token endpoint, exchange and IAM credentials, on one port of this machine.
 * It checks what the real services check, so that it can say no.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { controlSurface } from './control-surface.ts'
import { getAuthorizationToken, getPublicAuthorizationToken } from './ecr.ts'
import { describeCluster } from './eks.ts'
import { consoleLogin, getSigninToken } from './federation.ts'
import { ID_TOKEN_PATH, idToken, startJob } from './github.ts'
import { googleService } from './google-services.ts'
import { type GoogleState, newGoogle } from './google-state.ts'
import { authorizePage, decide, devicePage, waiting } from './human.ts'
import { type Fault, type Knobs, knobs, type Operation } from './knobs.ts'
import { containerCredentials, metadata, metadataToken } from './machine.ts'
import { createToken, registerClient, startDeviceAuthorization } from './oidc.ts'
import { getRoleCredentials, listAccountRoles, listAccounts, portalLogout } from './portal.ts'
import type { Found, Refusal, Service } from './service.ts'
import { confirmationPage, createOAuth2Token, signinPage } from './signin.ts'
import {
  type Account,
  type ClusterChange,
  defaultAccounts,
  defaultLifetimes,
  type Job,
  type Key,
  type Lifetimes,
  type State,
  USER,
} from './state.ts'
import { assumeRole, assumeRoot, getCallerIdentity, getSessionToken } from './sts.ts'
import { assumeRoleWithSaml, assumeRoleWithWebIdentity } from './sts-federation.ts'
import { type Asked, jsonError, Refused, type Reply, xmlError } from './wire.ts'

export interface CloudOptions {
  port?: number
  /** Epoch milliseconds. */
  now?: () => number
  accounts?: Account[]
  /** Accounts and roles on one page of a listing. */
  pageSize?: number
  lifetimes?: Partial<Lifetimes>
  /** `automatic`: codes are approved with nobody asked. */
  approval?: State['approval']
}

export interface Cloud extends Pick<Knobs, 'record'> {
  /** Address of all services. */
  readonly url: string
  calls(operation?: Operation): number
  resetCalls(): void
  delay(operation: Operation, ms: number): void
  fault(fault: Fault): void
  /** Ends all faults and delays. */
  clearFaults(): void
  lifetimes(change: Partial<Lifetimes>): void
  /** Changes what EKS says of the cluster of a name; every name has one. */
  cluster(name: string, change: ClusterChange): void
  /** What everybody is assigned from now on. */
  assign(accounts: Account[]): void
  approve(userCode: string): boolean
  deny(userCode: string): boolean
  /** User codes that wait for a human. */
  pending(): string[]
  /** The portal answers 401 from now on, though the tokens have not expired. */
  revokeAccessTokens(): void
  revokeRefreshTokens(): void
  /** The user's password is another one: sign-ins to AWS itself are over. */
  changePassword(): void
  /** Every secret that was given out so far. */
  secrets(): string[]
  /** STS takes that key for expired from now on. */
  withdraw(accessKeyId: string): void
  /** Starts a job of GitHub Actions; what its steps have in their environment. */
  startJob(repository?: string): Record<string, string>
  /** Ends all jobs, or takes a permission from them. */
  jobs(change: Partial<Job>): void
  /** AWS's keys, by their ids. */
  readonly keys: ReadonlyMap<string, Key>
  /** Google's side, to look at and to change: people, accounts, keys, issuers. */
  readonly google: GoogleState
  close(): Promise<void>
}

const restOperations: Record<string, [Operation, Service]> = {
  'POST /client/register': ['RegisterClient', registerClient],
  'POST /device_authorization': ['StartDeviceAuthorization', startDeviceAuthorization],
  'POST /token': ['CreateToken', createToken],
  'GET /authorize': ['Authorize', authorizePage],
  'POST /authorize': ['Authorize', authorizePage],
  'GET /federation/credentials': ['GetRoleCredentials', getRoleCredentials],
  'GET /assignment/accounts': ['ListAccounts', listAccounts],
  'GET /assignment/roles': ['ListAccountRoles', listAccountRoles],
  'POST /federation': ['GetSigninToken', getSigninToken],
  'GET /federation': ['ConsoleLogin', consoleLogin],
  'GET /v1/authorize': ['SigninAuthorize', signinPage],
  'POST /v1/authorize': ['SigninAuthorize', signinPage],
  'GET /v1/sessions/confirmation': ['SigninAuthorize', confirmationPage],
  'POST /v1/token': ['CreateOAuth2Token', createOAuth2Token],
  'POST /logout': ['Logout', portalLogout],
  [`GET ${ID_TOKEN_PATH}`]: ['IdToken', idToken],
  'GET /container': ['ContainerCredentials', containerCredentials],
  'PUT /latest/api/token': ['InstanceMetadata', metadataToken],
  'GET /latest/meta-data/iam/security-credentials/': ['InstanceMetadata', metadata],
  'GET /latest/meta-data/iam/security-credentials/Instance': ['InstanceMetadata', metadata],
}

const targets: Record<string, [Operation, Service]> = {
  'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken': [
    'GetAuthorizationToken',
    getAuthorizationToken,
  ],
  'SpencerFrontendService.GetAuthorizationToken': [
    'GetPublicAuthorizationToken',
    getPublicAuthorizationToken,
  ],
}

const queryActions: Record<string, Service> = {
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  AssumeRoleWithSAML: assumeRoleWithSaml,
  AssumeRoot: assumeRoot,
  GetSessionToken: getSessionToken,
  GetCallerIdentity: getCallerIdentity,
}

/** Starts a cloud on 127.0.0.1. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const turned = knobs()
  const state = newState(options)
  const server = createServer((request, response) => {
    handle(state, turned, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const cloud: Cloud = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    calls: turned.calls,
    record: turned.record,
    keys: state.keys,
    resetCalls: turned.reset,
    delay: turned.setDelay,
    fault: turned.add,
    clearFaults: turned.clear,
    cluster: (name, change) => void state.clusters.set(name, change),
    lifetimes: (change) => void Object.assign(state.lifetimes, change),
    assign(accounts) {
      state.accounts = accounts
    },
    approve: (userCode) => decide(state, userCode, 'approved'),
    deny: (userCode) => decide(state, userCode, 'denied'),
    pending: () => waiting(state),
    revokeAccessTokens: () => state.accessTokens.clear(),
    revokeRefreshTokens: () => state.refreshTokens.clear(),
    changePassword() {
      for (const token of state.refreshables.values()) token.revoked = true
    },
    secrets: () => [...state.issued],
    withdraw(accessKeyId) {
      const key = state.keys.get(accessKeyId)
      if (key) key.expiresAt = 0
    },
    startJob: (repository) => startJob(state, cloud.url, repository),
    google: state.google,
    jobs(change) {
      for (const job of state.jobs.values()) Object.assign(job, change)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  surfaces.set(state, controlSurface(cloud))
  return cloud
}

const surfaces = new WeakMap<State, (asked: Asked) => Reply>()

function newState(options: CloudOptions): State {
  const { accessKeyId, secretAccessKey, account, arn } = USER
  const user = { secret: secretAccessKey, expiresAt: Number.POSITIVE_INFINITY, account, arn, chained: false }
  return {
    now: options.now ?? Date.now,
    accounts: options.accounts ?? defaultAccounts,
    pageSize: options.pageSize ?? 20,
    lifetimes: { ...defaultLifetimes, ...options.lifetimes },
    approval: options.approval ?? 'manual',
    clients: new Map(),
    devices: new Map(),
    codes: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
    keys: new Map([[accessKeyId, user]]),
    jobs: new Map(),
    clusters: new Map(),
    signinCodes: new Map(),
    refreshables: new Map(),
    proofs: new Set(),
    signinTokens: new Map(),
    google: newGoogle(),
    issued: new Set([secretAccessKey]),
  }
}

async function handle(
  state: State,
  turned: Knobs,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = await read(request)
  turned.hear(asked)
  const [operation, service, refusal] = serviceFor(asked)
  if (operation) {
    turned.count(operation)
    await new Promise((resolve) => setTimeout(resolve, turned.delayOf(operation)))
  }
  const fault = operation && turned.strike(operation)
  if (fault?.kind === 'reset') return void request.socket.resetAndDestroy()
  if (fault?.kind === 'hang') return
  const reply = fault ? faulty(fault, refusal) : await serve(state, asked, service, refusal)
  // SDKs set their clocks by it.
  response.setHeader('Date', new Date(state.now()).toUTCString())
  response.writeHead(reply.status, { ...reply.headers, 'x-amzn-RequestId': 'sandbox' }).end(reply.body)
}

function serviceFor(asked: Asked): Found {
  const google = googleService(asked)
  if (google) return google
  const rest = restOperations[`${asked.method} ${asked.path}`]
  if (rest) return [...rest, jsonError]
  if (asked.method === 'GET' && asked.path.startsWith('/clusters/'))
    return ['DescribeCluster', describeCluster, jsonError]
  const target = targets[asked.headers['x-amz-target'] ?? '']
  if (target && asked.method === 'POST' && asked.path === '/') return [...target, jsonError]
  const form = asked.method === 'POST' ? new URLSearchParams(asked.body) : asked.query
  const action = asked.path === '/' ? form.get('Action') : null
  const query = action === null ? undefined : queryActions[action]
  if (query) return [action as Operation, query, xmlError]
  if (asked.path === '/device') return [undefined, devicePage, jsonError]
  return [undefined, (state) => surfaces.get(state)?.(asked) ?? { status: 404, body: '' }, jsonError]
}

async function serve(state: State, asked: Asked, service: Service, refusal: Refusal): Promise<Reply> {
  try {
    return await service(state, asked)
  } catch (error) {
    return refusal(error instanceof Refused ? error : new Refused(500, 'InternalFailure', String(error)))
  }
}

function faulty(
  { kind, status = 500, code = 'InternalFailure', message = 'A fault of the sandbox.', ...rest }: Fault,
  refusal: Refusal,
): Reply {
  if (kind === 'garbage') return { status: 200, body: '\u0000<<<not what you expect' }
  if (kind === 'huge') return { status: 200, body: '{'.repeat(1_000_000) }
  if (kind === 'empty') return { status: 200, body: refusal === xmlError ? '<EmptyResponse/>' : '{}' }
  return refusal(new Refused(status, code, message, rest))
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const target = request.url ?? '/'
  const [path = '/', query = ''] = target.split('?', 2)
  return {
    method: request.method ?? 'GET',
    target,
    path,
    query: new URLSearchParams(query),
    headers: request.headers as Asked['headers'],
    body: Buffer.concat(chunks).toString('utf8'),
  }
}
