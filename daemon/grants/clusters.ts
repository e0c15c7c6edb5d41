/** The clusters that clients entered in kubeconfig, kept across restarts for the sign-out. No secret is in it. */
import * as z from 'zod'
import { AuthError } from '../../shared/errors.ts'
import { durableFile, readIfPresent } from '../system/files.ts'

export const EnteredCluster = z.object({
  identity: z.string(),
  realm: z.string(),
  context: z.string(),
  /** Names of the entries that the context refers to. */
  cluster: z.string(),
  user: z.string(),
  /** One of them was written. */
  files: z.array(z.string()),
})
export type EnteredCluster = z.infer<typeof EnteredCluster>

export interface Clusters {
  list(): EnteredCluster[]
  /** Adds one; resolves once it would survive a crash. */
  add(cluster: EnteredCluster): Promise<void>
  /** Returns what was forgotten, once that would survive a crash. */
  forget(which: (cluster: EnteredCluster) => boolean): Promise<EnteredCluster[]>
}

const FILE = z.object({ version: z.literal(1), clusters: z.array(EnteredCluster) })

export async function openClusters(path: string): Promise<Clusters> {
  const clusters = new Map((await read(path)).map((cluster) => [JSON.stringify(cluster), cluster]))
  const file = durableFile(path, () => JSON.stringify({ version: 1, clusters: [...clusters.values()] }))

  return {
    list: () => [...clusters.values()],
    async add(cluster) {
      const key = JSON.stringify(EnteredCluster.parse(cluster))
      if (clusters.has(key)) return
      clusters.set(key, cluster)
      await file.save()
    },
    async forget(which) {
      const forgotten = [...clusters].filter(([, cluster]) => which(cluster))
      for (const [key] of forgotten) clusters.delete(key)
      if (forgotten.length > 0) await file.save()
      return forgotten.map(([, cluster]) => cluster)
    },
  }
}

async function read(path: string): Promise<EnteredCluster[]> {
  const bytes = await readIfPresent(path)
  if (!bytes) return []
  try {
    return FILE.parse(JSON.parse(bytes.toString('utf8'))).clusters
  } catch (cause) {
    throw new AuthError('StoreDamaged', `The file of clusters ${path} cannot be read.`, {
      hint: 'Move it away; `atmosctl update-kubeconfig` then writes a new one.',
      cause,
    })
  }
}
