/** The clusters that clients entered in kubeconfig, kept across restarts for the sign-out. No secret is in it. */
import * as z from 'zod'
import { keptRecords } from './kept-records.ts'

export const EnteredCluster = z.object({
  identity: z.string(),
  realm: z.string(),
  context: z.string(),
  /** Names of the entries that the context refers to. */
  cluster: z.string(),
  user: z.string(),
  /** ARN of the role that tokens are made with, where it is not the identity itself. */
  role: z.string().optional(),
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

export async function openClusters(path: string): Promise<Clusters> {
  const clusters = await keptRecords({
    path,
    name: 'clusters',
    record: EnteredCluster,
    keyOf: (cluster) => JSON.stringify(cluster),
    hint: 'Move it away; `atmosctl update-kubeconfig` then writes a new one.',
  })

  return {
    list: clusters.list,
    forget: clusters.remove,
    add: (cluster) => clusters.put(EnteredCluster.parse(cluster)), // parsed, so that its fields stand in one order
  }
}
