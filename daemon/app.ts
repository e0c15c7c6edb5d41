/** The composition root: the house, its servers and its beats; it neither listens nor touches the process. */
import type { FastifyInstance } from 'fastify'
import { startLettingGo } from './broker/letting-go.ts'
import { startRefresher } from './broker/refresher.ts'
import type { AzureParts } from './endpoints/azure-identity.ts'
import type { ContainerParts } from './endpoints/container-credentials.ts'
import { controlServer } from './endpoints/control.ts'
import { credentialServer } from './endpoints/credential-server.ts'
import type { ExternalAccountParts } from './endpoints/external-account.ts'
import { sweepDirectories } from './grants/abandoned.ts'
import { openPasses } from './grants/passes.ts'
import { sweepGrants } from './grants/sweep.ts'
import { buildHouse, type HouseParts } from './house.ts'
import { azureSource } from './operations/azure-tokens.ts'
import { revokeGrants } from './operations/grant.ts'
import type { House } from './operations/house.ts'
import { GOOGLE_LEAST_MS, tokenSource } from './operations/tokens.ts'
import { provisionDaily } from './provisioning/daily.ts'
import type { ReadEnvironments } from './system/environments.ts'

/** How often ports are tried that were taken: an outgoing connection may have had one for a moment. */
const REOPEN_MS = 30_000

export interface AppParts extends HouseParts {
  isAlive(pid: number): boolean
  /** Where the platform shows them. */
  environments?: ReadEnvironments | undefined
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
  const { clock, random, log, uid, peer, isAlive, environments } = parts
  const house = await buildHouse(parts)
  const { broker, grants, chains, listeners, provisioning } = house
  const container: ContainerParts = {
    authenticate: grants.authenticate,
    ready(grant) {
      const chain = chains.known(grant)
      return chain && broker.ready(chain)
    },
    session: async (grant, patienceMs) => broker.session(await chains.of(grant), patienceMs),
  }
  const google: ExternalAccountParts = {
    ...tokenSource(house, GOOGLE_LEAST_MS),
    authenticate: grants.authenticate,
    isLive: grants.isLive,
    clock,
    random,
    subjects: openPasses(clock),
    tokens: openPasses(clock),
  }
  const azure: AzureParts = {
    clock,
    authenticate: grants.authenticate,
    authenticatePath: grants.authenticatePath,
    token: azureSource(house),
  }
  const control = await controlServer(house, log)
  const credentials = await credentialServer({ container, azure, google, doors: house.doors, peer, uid, log })
  const reopen = () => listeners.reopen(grants.list())
  const stopReopening = clock.every(REOPEN_MS, reopen)
  const refresher = startRefresher({ broker, clock, random, log })
  const stopLettingGo = startLettingGo({ broker, clock, log })
  const sweeping = sweepGrants({ clock, log, isAlive, revoke: (which) => revokeGrants(house, which) })
  const { directories } = house
  const abandoning =
    environments && sweepDirectories({ list: grants.list, directories, isAlive, environments })
  const daily = provisionDaily({ provisioning, clock, random, log })

  return {
    control,
    credentials,
    house,
    listensOn(address) {
      house.facts.listen = address
    },
    reopen,
    async resume() {
      await house.directories.keepOnly((id) => grants.list().some((grant) => grant.id === id))
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
      stopLettingGo()
      provisioning.stop()
      await daily.stop()
      stopReopening()
      await sweeping.stop()
      await abandoning?.stop()
      await Promise.all([control.close(), credentials.close(), listeners.closeAll()])
    },
  }
}
