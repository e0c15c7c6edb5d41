/** The kept lists of assignments: in memory for the fast path, written through to the keyrings that they belong to. */
import { asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import type { Chain } from '../graph/chain.ts'
import { type AssignmentList, openAssignments } from '../sessions/assignments.ts'
import type { Keyrings } from '../sessions/keyrings.ts'
import type { Log } from '../system/log.ts'

export interface Lists {
  /**
   * The list of the provider that the chain begins with. From then on it is kept up to date by the daily job.
   * PasswordRequired while the keyring is locked.
   */
  of(chain: Chain): Promise<AssignmentList | undefined>
  /** The same, for a look that obliges to nothing. */
  peek(chain: Chain): Promise<AssignmentList | undefined>
  keep(chain: Chain, list: AssignmentList): Promise<void>
  forget(chain: Chain): Promise<void>
  /** Forgets all lists of a keyring. */
  forgetAll(keyring: Keyring): Promise<void>
  /** A number that grows whenever a list has changed. */
  version(): number
  /** The providers whose lists were asked for. */
  watched(): Chain[]
}

export function openLists(keyrings: Keyrings, log: Log): Lists {
  const assignments = openAssignments(keyrings)
  const known = new Map<string, AssignmentList>()
  const watched = new Map<string, Chain>()
  let version = 0

  async function peek(chain: Chain): Promise<AssignmentList | undefined> {
    const held = known.get(placeOf(chain))
    if (held) return held
    const before = version
    const list = await assignments.get(chain.keyring, listedAt(chain))
    if (list && version === before) known.set(placeOf(chain), list)
    return known.get(placeOf(chain)) ?? list
  }

  return {
    peek,
    version: () => version,
    watched: () => [...watched.values()],
    of(chain) {
      watched.set(placeOf(chain), { ...chain, steps: chain.steps.slice(0, 1) })
      return peek(chain)
    },
    async keep(chain, list) {
      const same = JSON.stringify(known.get(placeOf(chain))?.accounts) === JSON.stringify(list.accounts)
      known.set(placeOf(chain), list)
      if (!same) version += 1
      await assignments
        .put(chain.keyring, listedAt(chain), list)
        .catch((error) => log.warn({ code: asAuthError(error).code }, 'a list of assignments was not kept'))
    },
    async forget(chain) {
      known.delete(placeOf(chain))
      version += 1
      await assignments.forget(chain.keyring, listedAt(chain))
    },
    async forgetAll(keyring) {
      known.clear() // those of other keyrings are read again
      version += 1
      await assignments.forgetAll(keyring)
    },
  }
}

function listedAt({ realm, steps }: Chain) {
  return { realm, portal: steps[0]?.key ?? '' }
}

function placeOf(chain: Chain): string {
  const { keyring } = chain
  return JSON.stringify([listedAt(chain), keyring.type === 'file' ? keyring.vault : ''])
}
