/** The registries that Docker's helper answers for: which identity's session stands behind each host, kept across restarts. */
import * as z from 'zod'
import { Grant } from './grant.ts'
import { keptRecords } from './kept-records.ts'

/** Where a client entered a host; with a digest, a token of that SHA-256 too, and not its helper alone. */
const Place = z.object({ file: z.string(), digest: z.string().optional() })
type Place = z.infer<typeof Place>

/** One host, with where it comes from as a grant has it. No secret is in it. */
export const Registry = Grant.pick({
  identity: true,
  realm: true,
  assigned: true,
  standing: true,
  keyring: true,
  variables: true,
  sealed: true,
}).extend({
  /** The host that tools ask for, with its port where it has one. */
  id: z.string(),
  /** The integration whose token it takes; without one the host itself says what it is. */
  integration: z.string().optional(),
  places: z.array(Place),
})
export type Registry = z.infer<typeof Registry>

export interface Registries {
  at(host: string): Registry | undefined
  list(): Registry[]
  /** Adds a host or replaces it, keeping the places of before; resolves once it would survive a crash. */
  add(registry: Registry): Promise<void>
  /** Returns what was forgotten, once that would survive a crash. */
  forget(which: (registry: Registry) => boolean): Promise<Registry[]>
}

export async function openRegistries(path: string): Promise<Registries> {
  const registries = await keptRecords({
    path,
    name: 'registries',
    record: Registry,
    keyOf: ({ id }) => id,
    hint: 'Move it away; `atmosctl ecr-login` or `atmosctl registry-login` then writes a new one.',
  })

  return {
    at: registries.get,
    list: registries.list,
    forget: registries.remove,
    async add(registry) {
      const all = [...(registries.get(registry.id)?.places ?? []), ...registry.places]
      const byFile = Map.groupBy(all, ({ file }) => file)
      const places = [...byFile.values()].map((same) => Object.assign({}, ...same) as Place)
      await registries.put({ ...registry, places })
    },
  }
}
