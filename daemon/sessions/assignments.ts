/** What a portal assigns to its person, as it was listed last: a record of its own for each realm and portal. */
import * as z from 'zod'
import type { Keyring } from '../../shared/keyring.ts'
import type { Keyrings } from './keyrings.ts'

const RECORD = z.object({
  version: z.literal(1),
  /** Epoch milliseconds. */
  listedAt: z.number(),
  accounts: z.array(z.object({ id: z.string(), name: z.string(), roles: z.array(z.string()) })),
})
export type AssignmentList = Omit<z.infer<typeof RECORD>, 'version'>

/** Which list: `portal` is the key of the provider's session. */
export interface Listed {
  realm: string
  portal: string
}

export interface Assignments {
  /** What `put` was given last; undefined where there is nothing, or nothing that can be read. */
  get(keyring: Keyring, listed: Listed): Promise<AssignmentList | undefined>
  put(keyring: Keyring, listed: Listed, list: AssignmentList): Promise<void>
  forget(keyring: Keyring, listed: Listed): Promise<void>
  /** Forgets the lists of all realms and portals. */
  forgetAll(keyring: Keyring): Promise<void>
}

const PREFIX = 'assignments/'

/** The names of a company's accounts are not public, so they rest where its sessions do. */
export function openAssignments(keyrings: Keyrings): Assignments {
  return {
    async get(keyring, listed) {
      const store = await keyrings.open(keyring)
      const text = await store.get(place(listed)).catch(() => undefined) // damaged: the next listing replaces it
      return text === undefined ? undefined : parsed(text)
    },
    async put(keyring, listed, list) {
      await (await keyrings.open(keyring)).set(place(listed), JSON.stringify({ version: 1, ...list }))
    },
    async forget(keyring, listed) {
      await (await keyrings.open(keyring)).delete(place(listed))
    },
    async forgetAll(keyring) {
      const store = await keyrings.open(keyring)
      for (const key of await store.list()) if (key.startsWith(PREFIX)) await store.delete(key)
    },
  }
}

function place({ realm, portal }: Listed): string {
  return `${PREFIX}${encodeURIComponent(realm)}/${portal}`
}

function parsed(text: string): AssignmentList | undefined {
  try {
    return RECORD.parse(JSON.parse(text))
  } catch {
    return undefined // written by another version
  }
}
