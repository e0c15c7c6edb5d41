/** Dropping everything that the daemon holds, of whatever configuration: sessions, grants, and keys of users. */
import type * as z from 'zod'
import type { Keyring } from '../../shared/keyring.ts'
import type { LogoutReply } from '../../shared/replies.ts'
import type { LogoutAllRequest } from '../../shared/requests.ts'
import { type Chain, lastStep, parentChain } from '../graph/chain.ts'
import { forgetClusters } from './clusters.ts'
import { revokeGrants } from './grant.ts'
import type { House } from './house.ts'
import { endUpstream } from './logout.ts'
import { forgetRegistries } from './registries.ts'

interface Sweep {
  dryRun: boolean
  seen: Set<string>
  dropped: NonNullable<LogoutReply['dropped']>
  keys: NonNullable<LogoutReply['keys']>
}

/** Empties every keyring that is open. A locked one stays as it is: nobody can look into it. */
export async function logoutAll(
  house: House,
  { dryRun }: z.output<typeof LogoutAllRequest>,
): Promise<LogoutReply> {
  const { held, drop } = house.broker
  const known = dryRun ? [] : await knownChains(house)
  for (const chain of known) await endUpstream(house, chain).catch(() => {})
  const grants = dryRun ? house.grants.list().length : await revokeGrants(house, () => true)
  const sweep: Sweep = { dryRun, seen: new Set(), dropped: [], keys: [] }
  for (const keyring of await house.keyrings.opened()) {
    for (const key of await held.keys(keyring)) await sweepSession(house, keyring, key, sweep)
    await sweepKeys(house, keyring, sweep)
    if (!dryRun) await house.provisioning.lists.forgetAll(keyring)
    if (!dryRun) await house.belongings.clearAll(keyring)
  }
  // What could not be written to its keyring is in memory alone.
  for (const { key } of [...held.all()]) await sweepSession(house, { type: 'memory' }, key, sweep)
  // What is on its way is thrown away when it comes.
  for (const chain of known) await drop(chain).catch(() => {})
  const registries = await forgetRegistries(house, () => true, dryRun)
  const clusters = await forgetClusters(house, () => true, dryRun)
  const { dropped, keys } = sweep
  if (!dryRun) house.log.info({ sessions: dropped.length, grants }, 'logged out of everything')
  return { sessions: dropped.length, grants, dropped, keys, registries, clusters }
}

/** A session that rests in several keyrings goes from all of them at once, and counts once. */
async function sweepSession(
  { broker: { held, setbacks } }: House,
  keyring: Keyring,
  key: string,
  sweep: Sweep,
): Promise<void> {
  if (!sweep.seen.has(key)) {
    const { name = '(damaged)', kind = '-' } = (await held.load(keyring, key)) ?? {}
    sweep.dropped.push({ name, kind })
  }
  sweep.seen.add(key)
  if (sweep.dryRun) return
  await held.delete(keyring, key)
  setbacks.clear(key)
}

async function sweepKeys({ entrusted }: House, keyring: Keyring, { dryRun, keys }: Sweep): Promise<void> {
  for (const owner of await entrusted.owners(keyring)) {
    keys.push(owner)
    if (!dryRun) await entrusted.forget(keyring, owner)
  }
}

/** Chains that the daemon has met, down to their roots. A session without one is dropped here alone. */
async function knownChains(house: House): Promise<Chain[]> {
  const { broker, grants, chains, registries, registryChains } = house
  const behind = [
    ...grants.list().map((grant) => chains.of(grant)),
    ...registries.list().map((registry) => registryChains.of(registry)),
  ].map((chain) => chain.catch(() => undefined))
  const met = [...broker.uses.chains(), ...(await Promise.all(behind))]
  const found = new Map<string, Chain>()
  for (let chain of met)
    for (; chain && !found.has(lastStep(chain).key); chain = parentChain(chain))
      found.set(lastStep(chain).key, chain)
  return [...found.values()]
}
