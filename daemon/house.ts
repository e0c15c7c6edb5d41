/** Builds the parts of the daemon from what the process gives it, and joins them. None of them is running yet. */
import type { Paths } from '../shared/paths.ts'
import type { Secret } from '../shared/secret.ts'
import { openBroker } from './broker/broker.ts'
import { openLogin } from './broker/login.ts'
import { openAudiences } from './broker/prompts.ts'
import type { Homes } from './config/discover.ts'
import { openTrust } from './config/trust.ts'
import { openWorkspaces } from './config/workspaces.ts'
import { gceMetadataServer } from './endpoints/gce-metadata.ts'
import { imdsServer } from './endpoints/imds.ts'
import { ownPort } from './endpoints/own-port.ts'
import { chainsOfGrants } from './grants/chains.ts'
import { openClusters } from './grants/clusters.ts'
import { grantDirectories } from './grants/directories.ts'
import type { Grant } from './grants/grant.ts'
import { openGrants } from './grants/grants.ts'
import { openListeners } from './grants/listeners.ts'
import { openRegistries } from './grants/registries.ts'
import { boundedWants } from './grants/wants.ts'
import { type Catalog, catalog } from './kinds/catalog.ts'
import { openDoors } from './operations/doors.ts'
import { chainResolver } from './operations/grant.ts'
import { openHandouts } from './operations/handouts.ts'
import type { House } from './operations/house.ts'
import { metadataSource } from './operations/lasting.ts'
import { registryResolver } from './operations/registries.ts'
import { GOOGLE_LEAST_MS, tokenSource } from './operations/tokens.ts'
import { keptAccounts } from './provisioning/kept-accounts.ts'
import { openLists } from './provisioning/lists.ts'
import { openProvisioning } from './provisioning/provisioning.ts'
import { openBelongings } from './sessions/belongings.ts'
import { openEntrusted } from './sessions/entrusted.ts'
import { holdSessions } from './sessions/held.ts'
import { openKeyrings } from './sessions/keyrings.ts'
import type { Clock } from './system/clock.ts'
import type { Log } from './system/log.ts'
import type { PeerLookup } from './system/peer.ts'
import type { Random } from './system/random.ts'

export interface HouseParts {
  paths: Paths
  homes: Homes
  clock: Clock
  random: Random
  log: Log
  uid: number
  pid: number
  peer: PeerLookup | undefined
  /** Password of encrypted files, where the daemon's own environment has it. */
  password?: Secret | undefined
  catalog?: Catalog
  /** Requests a second at one portal while its assignments are listed. */
  listingsPerSecond?: number | undefined
  stop(): void
}

/** Reads the files that outlive a daemon, such as the grants. StoreDamaged where one cannot be read. */
export async function buildHouse(parts: HouseParts): Promise<House> {
  const { paths, homes, clock, random, log, uid } = parts
  const keyrings = openKeyrings({ random, password: parts.password })
  const trust = await openTrust(paths.trust)
  const lists = openLists(keyrings, log)
  const kinds = parts.catalog ?? catalog
  const workspaces = openWorkspaces({ catalog: kinds, vault: paths.vault, homes, trust, lists })
  const held = holdSessions({ keyrings, clock, log })
  const entrusted = openEntrusted(keyrings)
  const accounts = keptAccounts(lists, clock)
  const belongings = openBelongings({ keyrings, directory: paths.belongings, uid })
  const broker = openBroker({ held, entrusted, belongings, accounts, clock, random, log })
  const audiences = openAudiences(random)
  const grants = await openGrants({ path: paths.grants, clock, random })
  const chains = chainsOfGrants(chainResolver(workspaces, keyrings), clock)
  const guard = { peer: parts.peer, uid, log }
  const source = metadataSource({ broker, clock, chains })
  const imds = { ...guard, ...source, clock, random, isLive: grants.isLive }
  const wants = boundedWants(clock)
  const tokens = tokenSource({ broker, clock, chains, wants }, GOOGLE_LEAST_MS)
  const gce = { ...guard, ...tokens, clock, isLive: grants.isLive }
  const serverOf = (grant: Grant) =>
    grant.dialect === 'gce-metadata' ? gceMetadataServer(grant, gce) : imdsServer(grant, imds)
  return {
    clock,
    workspaces,
    trust,
    broker,
    login: openLogin(broker, audiences),
    audiences,
    grants,
    chains,
    listeners: openListeners(async (grant, port) => ownPort(await serverOf(grant), port), log),
    directories: grantDirectories(paths.directories, uid),
    wants,
    registries: await openRegistries(paths.registries),
    clusters: await openClusters(paths.clusters),
    registryChains: chainsOfGrants(registryResolver(workspaces, keyrings), clock),
    keyrings,
    entrusted,
    belongings,
    doors: openDoors(clock, random),
    handouts: openHandouts(clock),
    provisioning: openProvisioning({ lists, broker, clock, log, perSecond: parts.listingsPerSecond }),
    log,
    facts: { pid: parts.pid, startedAt: clock.now(), listen: '', socket: paths.socket, log: paths.log },
    stop: parts.stop,
  }
}
