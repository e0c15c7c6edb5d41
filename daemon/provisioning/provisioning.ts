/** Assignments at portals, listed and kept: one listing a portal at a time, whoever asks for it. */
import type { Credential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Broker } from '../broker/broker.ts'
import { singleFlight } from '../broker/single-flight.ts'
import { type Chain, endpointOf, lastStep } from '../graph/chain.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { type AssignedAccount, type Found, type Listing, listAssignments } from './listing.ts'
import type { Lists } from './lists.ts'
import { type Pace, paceOf } from './pace.ts'

export type Report = Listing['report']

export interface Provisioning {
  /** Whether the configuration of the chain's provider asks for identities of its assignments. */
  isWanted(chain: Chain): boolean
  /** When they were listed last, in epoch milliseconds; undefined where there is no list yet. */
  listedAt(chain: Chain): Promise<number | undefined>
  /**
   * Lists anew and keeps what comes of it for the chain's realm; never asks a human. LoginRequired without a sign-in.
   * Accounts whose roles could not be listed keep those that they had.
   */
  refresh(chain: Chain, report?: Report): Promise<Found>
  lists: Lists
  /** Ends the listings under way. */
  stop(): void
}

export interface ProvisioningParts {
  lists: Lists
  broker: Broker
  clock: Clock
  log: Log
  /** Requests a second at one portal; REQUESTS_PER_SECOND without it. */
  perSecond?: number | undefined
}

export function openProvisioning(parts: ProvisioningParts): Provisioning {
  const { lists, broker, clock, log, perSecond } = parts
  const flights = singleFlight<Found>()
  const paces = new Map<string, Pace>()
  const audiences = new Map<string, Set<Report>>()
  const stopping = new AbortController()

  function paceAt(portal: string): Pace {
    const pace = paces.get(portal) ?? paceOf(clock, perSecond)
    paces.set(portal, pace)
    return pace
  }

  function list(root: Chain, signal: AbortSignal): Promise<Found> {
    const { key } = lastStep(root)
    const report: Report = (done, total) => {
      for (const one of audiences.get(key) ?? []) one(done, total)
    }
    return broker.using(root, (credential) => {
      const source = sourceOf(root, credential, signal)
      const listing = { source, pace: paceAt(key), clock, signal, report }
      return listAssignments(listing).finally(source.close)
    })
  }

  return {
    lists,
    isWanted: (chain) => sourced(chain) !== undefined,
    listedAt: async (chain) => (await lists.peek(chain).catch(() => undefined))?.listedAt,
    stop: () => stopping.abort(),
    async refresh(chain, report = () => {}) {
      const root = rootOf(chain)
      const { key, node } = lastStep(root)
      await broker.session(root)
      const audience = audiences.get(key) ?? new Set()
      audiences.set(key, audience.add(report))
      try {
        const found = await flights.join(key, (signal) =>
          list(root, AbortSignal.any([signal, stopping.signal])),
        )
        if (!broker.held.peek(root.keyring, key)) throw signedOut(node.name)
        const before = (await lists.peek(root).catch(() => undefined))?.accounts ?? []
        const accounts = withFailed(found, before)
        await lists.keep(root, { listedAt: clock.now(), accounts })
        log.info({ accounts: accounts.length, failed: found.failed.length }, 'assignments listed')
        return found
      } finally {
        audience.delete(report)
      }
    },
  }
}

/** What was listed for a sign-in that has ended meanwhile must not come back after it. */
function signedOut(name: string): AuthError {
  return new AuthError('LoginRequired', `"${name}" was signed out meanwhile.`)
}

function rootOf(chain: Chain): Chain {
  return { ...chain, steps: chain.steps.slice(0, 1) }
}

/** How the provider at the root lists, where it does and is to. */
function sourced({ steps: [root] }: Chain) {
  if (root?.node.role !== 'provider') return undefined
  const { kind, config } = root.node
  return kind.provisions?.selecting(config) && { provisions: kind.provisions, config }
}

function sourceOf(root: Chain, credential: Credential, signal: AbortSignal) {
  const found = sourced(root)
  if (!found) throw new AuthError('BadRequest', `"${lastStep(root).node.name}" provides no identities.`)
  const endpoint = (service: string) => endpointOf(root, service)
  return found.provisions.source(found.config, credential, { endpoint, signal })
}

function withFailed({ accounts, failed }: Found, before: readonly AssignedAccount[]): AssignedAccount[] {
  const roles = new Map(before.map(({ id, roles }) => [id, roles]))
  return [...accounts, ...failed.map(({ account }) => ({ ...account, roles: roles.get(account.id) ?? [] }))]
}
