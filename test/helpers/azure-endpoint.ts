/** The credential server with a grant of Azure's dialect, above a tenant that is a function of the test's. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applied, type Before } from '../../client/environment/change.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { openBroker } from '../../daemon/broker/broker.ts'
import { credentialServer } from '../../daemon/endpoints/credential-server.ts'
import { chainsOfGrants } from '../../daemon/grants/chains.ts'
import { openGrants } from '../../daemon/grants/grants.ts'
import { boundedWants } from '../../daemon/grants/wants.ts'
import { azureSource } from '../../daemon/operations/azure-tokens.ts'
import { addressesOf } from '../../daemon/operations/dialects.ts'
import { openBelongings } from '../../daemon/sessions/belongings.ts'
import { openEntrusted } from '../../daemon/sessions/entrusted.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import { listenLoopback } from '../../daemon/system/listen.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { SUBSCRIPTION, TENANT, type Tenant, tenancy, tokenFor } from './azure-tenant.ts'
import { standing } from './standing.ts'

export interface AzureEndpoint {
  port: number
  /** Below this, the grant is asked. */
  base: string
  secret: string
  path: string
  /** What a machine's metadata is below. */
  authority: string
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
  tenant: Tenant
  /** From now on the tenant gives no answer. */
  hang(): void
  /** Gets the usual token, as a sign-in does. */
  signIn(): Promise<void>
  revoke(): Promise<void>
  stop(): Promise<void>
}

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
  const tenant: Tenant = {
    lifeMs: 3_600_000,
    claims: {},
    token: async (scope) => tokenFor(scope, clock.now(), calls.length, tenant),
  }
  const keyrings = openKeyrings({ random })
  const held = holdSessions({ keyrings, clock, log: silentLog })
  const entrusted = openEntrusted(keyrings)
  const belongings = openBelongings({ keyrings, directory: '/nowhere', uid: 0 })
  const broker = openBroker({ held, entrusted, belongings, clock, random, log: silentLog })
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
  const hung = new Set<(reason: Error) => void>()
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
    authority: `http://127.0.0.1:${port}/azure/${issued.grant.id}/${issued.path?.reveal()}`,
    calls,
    tenant,
    requests: () => requests,
    environment(before) {
      const { grant } = issued
      const reply: GrantReply = {
        ...{ id: grant.id, identity: grant.identity, dialect: grant.dialect, region: 'us-east-1' },
        ...{ expiresAt: grant.expiresAt, variables: {}, directory: home },
        facts: { tenant: TENANT, subscription: SUBSCRIPTION, client },
        ...addressesOf(`127.0.0.1:${port}`, issued),
      }
      return applied(before, environmentOf(reply, before))
    },
    now: clock.now,
    turn: (ms) => {
      ahead += ms
    },
    signIn: async () => void (await broker.session(chain)),
    revoke: async () => void (await grants.revoke(() => true)),
    hang() {
      tenant.token = () => new Promise((_, reject) => hung.add(reject))
    },
    async stop() {
      for (const end of hung) end(new Error('the test is over'))
      app.server.closeAllConnections()
      await app.close()
      app.server.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
