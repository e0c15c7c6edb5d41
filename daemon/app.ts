/** The composition root: builds the parts and joins them; it neither listens nor touches the process. */
import type { FastifyInstance } from 'fastify'
import type { Paths } from '../shared/paths.ts'
import type { Secret } from '../shared/secret.ts'
import { openBroker } from './broker/broker.ts'
import { openLogin } from './broker/login.ts'
import { openAudiences } from './broker/prompts.ts'
import { startRefresher } from './broker/refresher.ts'
import type { Homes } from './config/discover.ts'
import { openTrust } from './config/trust.ts'
import { openWorkspaces } from './config/workspaces.ts'
import type { ContainerParts } from './endpoints/container-credentials.ts'
import { controlServer } from './endpoints/control.ts'
import { credentialServer } from './endpoints/credential-server.ts'
import { imdsListener } from './endpoints/imds-listener.ts'
import { chainsOfGrants } from './grants/chains.ts'
import { openGrants } from './grants/grants.ts'
import { openListeners } from './grants/listeners.ts'
import { openRegistries } from './grants/registries.ts'
import { type Sweeping, sweepGrants } from './grants/sweep.ts'
import { type Catalog, catalog } from './kinds/catalog.ts'
import { openDoors } from './operations/doors.ts'
import { chainResolver, revokeGrants } from './operations/grant.ts'
import type { House } from './operations/house.ts'
import { metadataSource } from './operations/lasting.ts'
import { registryResolver } from './operations/registries.ts'
import { provisionDaily } from './provisioning/daily.ts'
import { keptAccounts } from './provisioning/kept-accounts.ts'
import { openLists } from './provisioning/lists.ts'
import { openProvisioning } from './provisioning/provisioning.ts'
import { openEntrusted } from './sessions/entrusted.ts'
import { holdSessions } from './sessions/held.ts'
import { openKeyrings } from './sessions/keyrings.ts'
import type { Clock } from './system/clock.ts'
import type { Log } from './system/log.ts'
import type { PeerLookup } from './system/peer.ts'
import type { Random } from './system/random.ts'

/** How often ports are tried that were taken: an outgoing connection may have had one for a moment. */
const REOPEN_MS = 30_000

export interface AppParts {
  paths: Paths
  homes: Homes
  clock: Clock
  random: Random
  log: Log
  uid: number
  pid: number
  peer: PeerLookup | undefined
  isAlive(pid: number): boolean
  /** Password of encrypted files, where the daemon's own environment has it. */
  password?: Secret | undefined
  catalog?: Catalog
  /** Requests a second at one portal while its assignments are listed. */
  listingsPerSecond?: number | undefined
  stop(): void
}

export interface App {
  control: FastifyInstance
  credentials: FastifyInstance
  house: House
  /** The address in the URLs of new grants; known once the port is. */
  listensOn(address: string): void
  /** Opens the ports of grants that have one of their own; one that is taken is told and left. */
  reopen(): Promise<void>
  /** Takes up the sessions behind the grants that a daemon before this one issued, so that they are kept fresh. */
  resume(): Promise<void>
  close(): Promise<void>
}

export async function buildApp(parts: AppParts): Promise<App> {
  const { paths, homes, clock, random, log, uid } = parts
  const keyrings = openKeyrings({ random, password: parts.password })
  const trust = await openTrust(paths.trust)
  const lists = openLists(keyrings, log)
  const kinds = parts.catalog ?? catalog
  const workspaces = openWorkspaces({ catalog: kinds, vault: paths.vault, homes, trust, lists })
  const held = holdSessions({ keyrings, clock, log })
  const entrusted = openEntrusted(keyrings)
  const accounts = keptAccounts(lists, clock)
  const broker = openBroker({ held, entrusted, accounts, clock, random, log })
  const provisioning = openProvisioning({ lists, broker, clock, log, perSecond: parts.listingsPerSecond })
  const audiences = openAudiences(random)
  const login = openLogin(broker, audiences)
  const grants = await openGrants({ path: paths.grants, clock, random })
  const chains = chainsOfGrants(chainResolver(workspaces, keyrings), clock)
  const guard = { peer: parts.peer, uid, log }
  const source = metadataSource({ broker, clock, chains })
  const imds = { ...guard, ...source, clock, random, isLive: grants.isLive }
  const listeners = openListeners((grant, port) => imdsListener(grant, port, imds), log)
  const registries = await openRegistries(paths.registries)
  const registryChains = chainsOfGrants(registryResolver(workspaces, keyrings), clock)
  const doors = openDoors(clock, random)
  const facts = { pid: parts.pid, startedAt: clock.now(), listen: '', socket: paths.socket, log: paths.log }
  const house: House = {
    clock,
    workspaces,
    trust,
    broker,
    login,
    audiences,
    grants,
    chains,
    listeners,
    registries,
    registryChains,
    keyrings,
    entrusted,
    doors,
    provisioning,
    log,
    facts,
    stop: parts.stop,
  }
  const container: ContainerParts = {
    authenticate: grants.authenticate,
    ready(grant) {
      const chain = chains.known(grant)
      return chain && broker.ready(chain)
    },
    session: async (grant, patienceMs) => broker.session(await chains.of(grant), patienceMs),
  }
  const control = await controlServer(house, log)
  const credentials = await credentialServer({ container, doors, ...guard })
  const reopen = () => listeners.reopen(grants.list())
  const stopReopening = clock.every(REOPEN_MS, reopen)
  const refresher = startRefresher({ broker, clock, random, log })
  const sweeping: Sweeping = sweepGrants({
    grants,
    clock,
    log,
    isAlive: parts.isAlive,
    revoke: (which) => revokeGrants(house, which),
  })
  const daily = provisionDaily({ provisioning, clock, random, log })

  return {
    control,
    credentials,
    house,
    listensOn(address) {
      facts.listen = address
    },
    reopen,
    async resume() {
      for (const grant of grants.list()) {
        await chains
          .of(grant)
          .then(broker.resume)
          .catch(() => {}) // faulty or locked by now: its tool is told so when it asks
      }
      refresher.beat()
      void daily.catchUp()
    },
    async close() {
      refresher.stop()
      provisioning.stop()
      await daily.stop()
      stopReopening()
      await sweeping.stop()
      await Promise.all([control.close(), credentials.close(), listeners.closeAll()])
    },
  }
}
