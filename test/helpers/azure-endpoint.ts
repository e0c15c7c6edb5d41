/** The credential server with a grant of Azure's dialect, above a tenant that is a function of the test's. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { applied, type Before } from '../../client/environment/change.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { openBroker } from '../../daemon/broker/broker.ts'
import { credentialServer } from '../../daemon/endpoints/credential-server.ts'
import { chainsOfGrants } from '../../daemon/grants/chains.ts'
import { openGrants } from '../../daemon/grants/grants.ts'
import { boundedWants } from '../../daemon/grants/wants.ts'
import type { Chain } from '../../daemon/graph/chain.ts'
import type { IdentityNode, ProviderNode } from '../../daemon/graph/node.ts'
import { type AnyProvider, defineIdentity, defineProvider } from '../../daemon/kinds/contract.ts'
import { azureSource } from '../../daemon/operations/azure-tokens.ts'
import { addressesOf } from '../../daemon/operations/dialects.ts'
import { openEntrusted } from '../../daemon/sessions/entrusted.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import { listenLoopback } from '../../daemon/system/listen.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import type { AzureToken } from '../../shared/credential.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { Secret } from '../../shared/secret.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { devChain } from './chains.ts'
import { standing } from './standing.ts'

export const TENANT = '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
export const CLIENT = '22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb'
export const OBJECT = '33333333-cccc-4ccc-8ccc-cccccccccccc'
export const MANAGEMENT = 'https://management.azure.com/.default'

export interface AzureEndpoint {
  port: number
  /** Below this, the grant is asked. */
  base: string
  secret: string
  path: string
  /** Requests that came in. */
  requests(): number
  /** What `exec` gives a tool in place of `before`, with a directory of its own. */
  environment(before: Before): Record<string, string>
  /** Scopes that the tenant was asked for, in their order. */
  calls: string[]
  /** Puts the server's clock forward. */
  turn(ms: number): void
  now(): number
  /** What the tenant does; the test may put other things in its place. */
  tenant: { token(scope: string): Promise<AzureToken>; lifeMs: number; claims: Record<string, unknown> }
  revoke(): Promise<void>
  stop(): Promise<void>
}

const config = z.strictObject({})

/** `client` is the application's id as the configuration says it. */
export async function azureEndpoint({ client }: { client?: string } = {}): Promise<AzureEndpoint> {
  let ahead = 0
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
  }
  const random = systemRandom
  const calls: string[] = []
  const tenant: AzureEndpoint['tenant'] = {
    lifeMs: 3_600_000,
    claims: {},
    token: async (scope) => tokenFor(scope, clock.now(), calls.length, tenant),
  }
  const keyrings = openKeyrings({ random })
  const held = holdSessions({ keyrings, clock, log: silentLog })
  const broker = openBroker({ held, entrusted: openEntrusted(keyrings), clock, random, log: silentLog })
  const home = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
  const grants = await openGrants({ path: join(home, 'grants.json'), clock, random })
  const chain = tenancy((scope) => {
    calls.push(scope)
    return tenant.token(scope)
  }, client)
  const chains = chainsOfGrants(async () => chain, clock)
  const app = await credentialServer({
    container: {
      authenticate: grants.authenticate,
      ready: () => undefined,
      session: () => Promise.reject(new Error('not in this test')),
    },
    azure: {
      clock,
      authenticate: grants.authenticate,
      authenticatePath: grants.authenticatePath,
      token: azureSource({ broker, clock, chains, wants: boundedWants(clock) }),
    },
    doors: { pass: () => undefined },
    peer: undefined,
    uid: 0,
    log: silentLog,
  })
  let requests = 0
  app.server.on('request', () => {
    requests += 1
  })
  const issued = await grants.issue({
    dialect: 'azure-identity',
    identity: 'dev',
    realm: 'test',
    assigned: undefined,
    standing: standing(home),
    keyring: { type: 'memory' },
    variables: [],
    sealed: false,
    lifetimeMs: 1e10,
  })
  const port = await listenLoopback(app.server, { host: '127.0.0.1', port: 0 })
  return {
    port,
    base: `/azure/${issued.grant.id}`,
    secret: issued.secret.reveal(),
    path: issued.path?.reveal() ?? '',
    calls,
    tenant,
    requests: () => requests,
    environment(before) {
      const { grant } = issued
      const reply: GrantReply = {
        ...{ id: grant.id, identity: grant.identity, dialect: grant.dialect, region: 'us-east-1' },
        ...{ expiresAt: grant.expiresAt, variables: {}, directory: home, facts: {} },
        ...addressesOf(`127.0.0.1:${port}`, issued),
      }
      return applied(before, environmentOf(reply, before))
    },
    now: clock.now,
    turn: (ms) => {
      ahead += ms
    },
    revoke: async () => void (await grants.revoke(() => true)),
    async stop() {
      app.server.closeAllConnections()
      await app.close()
      app.server.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function tokenFor(
  scope: string,
  now: number,
  serial: number,
  { lifeMs, claims }: AzureEndpoint['tenant'],
): AzureToken {
  const expiresAt = now + lifeMs
  const aud = scope.replace(/\/\.default$/, '')
  const about = { aud, tid: TENANT, oid: OBJECT, appid: CLIENT, iss: `https://sts.windows.net/${TENANT}/` }
  const times = { iat: Math.floor(now / 1000), exp: Math.floor(expiresAt / 1000), uti: String(serial) }
  return {
    type: 'azure-token',
    accessToken: new Secret(signedJwt({ ...about, ...times, ...claims })),
    scope,
    expiresAt,
    tenantId: TENANT,
  }
}

/** tenant → dev, which hands its tokens on. */
function tenancy(token: (scope: string) => Promise<AzureToken>, client: string | undefined): Chain {
  const provider = defineProvider<object, 'azure-token'>({
    yields: 'azure-token',
    config,
    interactive: false,
    scoped: true,
    facts: () => ({ client, tenant: TENANT }),
    login: (_, { scopes = [MANAGEMENT] }) => token(scopes.join()),
  })
  const identity = defineIdentity<object, 'azure-token', 'azure-token'>({
    accepts: ['azure-token'],
    yields: 'azure-token',
    passesOn: true,
    config,
    assume: async (_, parent) => parent,
  })
  const made = devChain({})
  const [root, dev] = made.steps.map(({ node }) => node)
  return {
    ...made,
    steps: [
      { key: 'a'.repeat(64), node: { ...(root as ProviderNode), kind: provider as AnyProvider } },
      { key: 'b'.repeat(64), node: { ...(dev as IdentityNode), kind: identity as IdentityNode['kind'] } },
    ],
  }
}
