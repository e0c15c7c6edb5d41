/** The parts of a running daemon, as the operations of the control API use them. */
import type { Broker } from '../broker/broker.ts'
import type { Login } from '../broker/login.ts'
import type { Audiences } from '../broker/prompts.ts'
import type { Trust } from '../config/trust.ts'
import type { Workspaces } from '../config/workspaces.ts'
import type { ChainsOfGrants } from '../grants/chains.ts'
import type { Clusters } from '../grants/clusters.ts'
import type { Directories } from '../grants/directories.ts'
import type { Grants } from '../grants/grants.ts'
import type { Listeners } from '../grants/listeners.ts'
import type { Registries, Registry } from '../grants/registries.ts'
import type { BoundedWants } from '../grants/wants.ts'
import type { Provisioning } from '../provisioning/provisioning.ts'
import type { Belongings } from '../sessions/belongings.ts'
import type { Entrusted } from '../sessions/entrusted.ts'
import type { Keyrings } from '../sessions/keyrings.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Doors } from './doors.ts'
import type { Handouts } from './handouts.ts'

export interface House {
  clock: Clock
  workspaces: Workspaces
  trust: Trust
  broker: Broker
  login: Login
  audiences: Audiences
  grants: Grants
  chains: ChainsOfGrants
  listeners: Listeners
  directories: Directories
  wants: BoundedWants
  registries: Registries
  clusters: Clusters
  registryChains: ChainsOfGrants<Registry>
  keyrings: Keyrings
  entrusted: Entrusted
  belongings: Belongings
  doors: Doors
  handouts: Handouts
  provisioning: Provisioning
  log: Log
  facts: { pid: number; startedAt: number; listen: string; socket: string; log: string }
  stop(): void
}
