/**
 * The calendar job that removes the directories of programs that have ended. Their grants go later: a grant is a right
 * that nobody has any more, but what a tool left in its directory is there for whoever finds it.
 */
import { schedule } from 'node-cron'
import type { ReadEnvironments } from '../system/environments.ts'
import type { Directories } from './directories.ts'
import type { Grant } from './grant.ts'
import type { Sweeping } from './sweep.ts'

const EVERY_MINUTE = '* * * * *'

export interface Abandoning {
  list(): Grant[]
  directories: Pick<Directories, 'remove'>
  isAlive(pid: number): boolean
  environments: ReadEnvironments
}

export function sweepDirectories(parts: Abandoning): Sweeping {
  const task = schedule(EVERY_MINUTE, () => removeAbandoned(parts), {
    noOverlap: true,
    name: 'sweep directories',
  })
  return { stop: async () => void (await task.destroy()) }
}

/**
 * Removes the directories of grants whose holder is dead and whose id is in no process's environment: whatever the
 * holder started has it there, as part of a path or an address.
 */
export async function removeAbandoned(parts: Abandoning): Promise<void> {
  const orphans = parts.list().filter(({ holder }) => holder !== undefined && !parts.isAlive(holder))
  if (orphans.length === 0) return
  const environments = await parts.environments()
  if (!environments) return
  for (const { id } of orphans)
    if (!environments.some((text) => text.includes(id))) await parts.directories.remove(id)
}
