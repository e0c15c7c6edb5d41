/** Google's two dialects on real ports in front of a broker, with a made-up upstream and a clock that a test puts forward. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBroker } from '../../daemon/broker/broker.ts'
import { credentialServer } from '../../daemon/endpoints/credential-server.ts'
import { gceMetadataServer } from '../../daemon/endpoints/gce-metadata.ts'
import { ownPort } from '../../daemon/endpoints/own-port.ts'
import { openGrants } from '../../daemon/grants/grants.ts'
import { openPasses } from '../../daemon/grants/passes.ts'
import { boundedWants } from '../../daemon/grants/wants.ts'
import { GOOGLE_LEAST_MS, tokenSource } from '../../daemon/operations/tokens.ts'
import { openBelongings } from '../../daemon/sessions/belongings.ts'
import { openEntrusted } from '../../daemon/sessions/entrusted.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { type GoogleKnobs, googleChain } from './google-chain.ts'
import { standing } from './standing.ts'

export type Google = Awaited<ReturnType<typeof google>>

export async function google(t: { teardown(work: () => unknown): void }, given: Partial<GoogleKnobs> = {}) {
  let ahead = 0
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
  }
  const knobs: GoogleKnobs = {
    lifeMs: 3_600_000,
    delayMs: 0,
    failure: undefined,
    facts: { project: 'acme-prod', projectNumber: '123456789012', zone: 'europe-west4-b' },
    principal: 'ci@acme-prod.iam.gserviceaccount.com',
    scoped: true,
    identifies: true,
    ...given,
  }
  /** What the upstream was asked for: the scopes of each token, or an audience. */
  const calls: string[] = []
  /** What the metadata servers were asked for. */
  const asked: string[] = []
  const home = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
  const random = systemRandom
  const keyrings = openKeyrings({ random })
  const held = holdSessions({ keyrings, clock, log: silentLog })
  const belongings = openBelongings({ keyrings, directory: '/nowhere', uid: 0 })
  const broker = openBroker({
    held,
    entrusted: openEntrusted(keyrings),
    belongings,
    clock,
    random,
    log: silentLog,
  })
  const grants = await openGrants({ path: join(home, 'grants.json'), clock, random })
  const chain = () => googleChain(knobs, calls, clock)
  const chains = { of: async () => chain(), known: chain, learn() {}, forget() {} }
  const tokens = tokenSource({ broker, clock, chains, wants: boundedWants(clock) }, GOOGLE_LEAST_MS)
  const parts = { ...tokens, peer: undefined, uid: 0, log: silentLog, clock, random, isLive: grants.isLive }
  const passes = { subjects: openPasses(clock), tokens: openPasses(clock) }
  const common = await ownPort(
    await credentialServer({
      ...parts,
      container: {
        authenticate: grants.authenticate,
        ready: () => undefined,
        session: tokens.session as never,
      },
      azure: {} as never, // which nobody asks here
      google: { ...parts, ...passes, authenticate: grants.authenticate },
      doors: { pass: () => undefined },
    }),
    undefined,
  )
  const closing = [common.close]
  t.teardown(async () => {
    await Promise.all(closing.map((close) => close()))
    rmSync(home, { recursive: true, force: true })
  })

  /** A grant with its port, as a tool is given it. */
  async function open(identity = 'ci') {
    const { grant, secret } = await grants.issue({
      dialect: 'gce-metadata',
      identity,
      realm: 'test',
      standing: standing(home, {}),
      keyring: { type: 'memory' },
      variables: [],
      sealed: false,
      lifetimeMs: 30 * 24 * 3_600_000,
    })
    const server = await gceMetadataServer(grant, parts)
    server.server.prependListener('request', ({ url }) => asked.push(url ?? ''))
    const own = await ownPort(server, undefined)
    closing.push(own.close)
    const reply: GrantReply = {
      id: grant.id,
      identity,
      dialect: 'gce-metadata',
      url: `http://127.0.0.1:${own.port}`,
      token: secret.reveal(),
      exchange: `http://127.0.0.1:${common.port}/gcp/${grant.id}`,
      directory: join(home, grant.id),
      facts: knobs.facts,
      region: 'us-east-1',
      expiresAt: grant.expiresAt,
      variables: {},
    }
    return { grant, port: own.port, reply, close: own.close }
  }

  return {
    ...(await open()),
    open,
    common: common.port,
    home,
    knobs,
    calls,
    asked,
    broker,
    grants,
    chain,
    turn: (ms: number) => {
      ahead += ms
    },
  }
}
