/** Microsoft Entra ID, some of Azure Resource Manager, and the sign-in of a container registry, over TLS on one port of this machine. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import {
  type AksChange,
  armError,
  clusterUserCredential,
  exchangeForRegistry,
  isClusterCall,
  MANAGEMENT,
  registryError,
  registryTakes,
} from './azure-services.ts'
import { authorize, decideDevice, deviceCode, deviceLogin } from './entra-human.ts'
import {
  type EntraLifetimes,
  type EntraState,
  newKeys,
  SUBSCRIPTIONS,
  TENANT,
  verified,
} from './entra-state.ts'
import { EntraRefused, refusedReply, token } from './entra-tokens.ts'
import { type Fault, type Knobs, knobs, type Operation } from './knobs.ts'
import type { Refusal } from './service.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

const TLS = join(import.meta.dirname, '..', 'fixtures', 'tls')
/** What whoever asks this cloud has to trust. */
export const ENTRA_CA = join(TLS, 'certificate.pem')

export interface EntraOptions {
  now?: () => number
  approval?: EntraState['approval']
  lifetimes?: Partial<EntraLifetimes>
}

export interface Entra extends Pick<Knobs, 'calls' | 'record'> {
  url: string
  fault(fault: Fault): void
  delay: Knobs['setDelay']
  clearFaults(): void
  lifetimes(change: Partial<EntraLifetimes>): void
  approve(userCode: string): boolean
  deny(userCode: string): boolean
  pending(): string[]
  /** No sign-in can be renewed any more, as after a change of the password. */
  revoke(): void
  /** The claims of a token that was given here and is good. */
  claims(token: string, audience?: string): Promise<Record<string, unknown>>
  /** Changes what AKS says of the cluster of a name; every name has one. */
  cluster(name: string, change: AksChange): void
  /** Whether a container registry, by its host, takes a password. */
  registryTakes(host: string, password: string): Promise<boolean>
  secrets(): string[]
  close(): Promise<void>
}

export async function startEntra(options: EntraOptions = {}): Promise<Entra> {
  const turned = knobs()
  const state: EntraState = {
    now: options.now ?? Date.now,
    url: '',
    approval: options.approval ?? 'automatic',
    lifetimes: {
      accessTokenSeconds: 4_000,
      refreshTokenSeconds: 90 * 86_400,
      deviceCodeSeconds: 900,
      pollIntervalSeconds: 0.05,
      registryTokenSeconds: 10_800,
      ...options.lifetimes,
    },
    devices: new Map(),
    codes: new Map(),
    refreshTokens: new Map(),
    clusters: new Map(),
    issued: new Set(),
    keys: await newKeys(),
  }
  const [cert, key] = ['certificate.pem', 'key.pem'].map((name) => readFileSync(join(TLS, name)))
  const server = createServer({ cert, key }, (request, response) => {
    handle(state, turned, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  state.url = `https://127.0.0.1:${(server.address() as { port: number }).port}`
  return {
    url: state.url,
    calls: turned.calls,
    record: turned.record,
    fault: turned.add,
    delay: turned.setDelay,
    clearFaults: turned.clear,
    lifetimes: (change) => void Object.assign(state.lifetimes, change),
    approve: (userCode) => decideDevice(state, userCode, 'approved'),
    deny: (userCode) => decideDevice(state, userCode, 'denied'),
    pending: () =>
      [...state.devices.values()].filter((one) => one.decision === 'pending').map((one) => one.userCode),
    revoke: () => state.refreshTokens.clear(),
    claims: (text, audience = MANAGEMENT) => verified(state, text, audience),
    cluster: (name, change) => void state.clusters.set(name, change),
    registryTakes: (host, password) => registryTakes(state, host, password),
    secrets: () => [...state.issued],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function handle(state: EntraState, turned: Knobs, request: IncomingMessage, response: ServerResponse) {
  const asked = await read(request)
  turned.hear(asked)
  const [operation, service, refusal = entraError] = serviceFor(state, asked)
  turned.count(operation)
  await new Promise((resolve) => setTimeout(resolve, turned.delayOf(operation)))
  const fault = turned.strike(operation)
  if (fault?.kind === 'reset') return void request.socket.resetAndDestroy()
  if (fault?.kind === 'hang') return
  const reply = fault ? faulty(fault, refusal) : await served(service, refusal)
  response.writeHead(reply.status, reply.headers).end(reply.body)
}

type Service = () => Reply | Promise<Reply>

type Found = [operation: Operation, service: Service, refusal?: Refusal]

function serviceFor(state: EntraState, asked: Asked): Found {
  if (isClusterCall(asked)) return ['AksCredential', () => clusterUserCredential(state, asked), armError]
  if (asked.method === 'POST' && asked.path === '/oauth2/exchange')
    return ['AcrExchange', () => exchangeForRegistry(state, asked), registryError]
  const [, tenant = '', ...rest] = asked.path.split('/')
  const form = new URLSearchParams(asked.body)
  const entra = (service: Service): Service => {
    return () => {
      if (tenant === TENANT.id || tenant === TENANT.domain) return service()
      throw new EntraRefused('invalid_tenant', 90002, `Tenant '${tenant}' not found.`)
    }
  }
  const ways: Record<string, Found> = {
    'v2.0/.well-known/openid-configuration': [
      'EntraConfiguration',
      entra(() => configuration(state, tenant)),
    ],
    'discovery/v2.0/keys': ['EntraConfiguration', () => jsonReply({ keys: [state.keys.jwk] })],
    'oauth2/v2.0/devicecode': ['EntraDeviceCode', entra(() => deviceCode(state, form))],
    'oauth2/v2.0/token': ['EntraToken', entra(() => token(state, form))],
    'oauth2/v2.0/authorize': ['EntraAuthorize', entra(() => authorize(state, asked))],
  }
  if (tenant === 'devicelogin') return ['EntraAuthorize', () => deviceLogin(state, asked)]
  if (tenant === 'subscriptions') return ['ArmSubscription', () => subscription(state, asked, rest[0] ?? '')]
  return ways[rest.join('/')] ?? ['EntraConfiguration', () => ({ status: 404, body: '' })]
}

async function served(service: Service, refusal: Refusal): Promise<Reply> {
  try {
    return await service()
  } catch (error) {
    if (error instanceof Refused) return refusal(error)
    return error instanceof EntraRefused ? refusedReply(error) : jsonReply({ error: String(error) }, 500)
  }
}

function configuration({ url }: EntraState, tenant: string): Reply {
  const at = `${url}/${tenant}`
  return jsonReply({
    token_endpoint: `${at}/oauth2/v2.0/token`,
    authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${at}/oauth2/v2.0/devicecode`,
    jwks_uri: `${at}/discovery/v2.0/keys`,
    issuer: `${url}/${TENANT.id}/v2.0`,
    end_session_endpoint: `${at}/oauth2/v2.0/logout`,
  })
}

async function subscription(state: EntraState, { headers }: Asked, id: string): Promise<Reply> {
  const [, bearer = ''] = (headers.authorization ?? '').split('Bearer ')
  const claims = await verified(state, bearer, MANAGEMENT).catch(() => undefined)
  if (!claims) return jsonReply({ error: { code: 'InvalidAuthenticationToken' } }, 401)
  const known = Object.entries(SUBSCRIPTIONS).find(([, one]) => one === id)
  if (!known) return jsonReply({ error: { code: 'SubscriptionNotFound' } }, 404)
  return jsonReply({ subscriptionId: id, displayName: known[0], tenantId: claims.tid, state: 'Enabled' })
}

/** Of Entra ID itself, whose refusals have numbers. */
function entraError({ status, code, message }: Refused): Reply {
  return refusedReply(new EntraRefused(code, 0, message), status)
}

function faulty(
  { kind, status = 500, code = 'server_error', message = 'AADSTS90033: A fault.', ...rest }: Fault,
  refusal: Refusal,
): Reply {
  if (kind === 'garbage') return { status: 200, body: '\u0000<<<not what you expect' }
  if (kind === 'empty') return { status: 200, body: '{}' }
  if (kind === 'huge') return { status: 200, body: JSON.stringify({ access_token: 'x'.repeat(5_000_000) }) }
  if (refusal !== entraError) return refusal(new Refused(status, code, message, rest))
  const [, number = '0', text = message] = /^AADSTS(\d+): (.*)$/s.exec(message) ?? []
  const claims = rest.claims === undefined ? {} : { claims: rest.claims }
  const reply = refusedReply(new EntraRefused(code, Number(number), text, claims), status)
  const again = rest.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(rest.retryAfterSeconds) }
  return { ...reply, headers: { ...reply.headers, ...again } }
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
