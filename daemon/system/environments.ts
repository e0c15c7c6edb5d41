/** What the processes of this machine were started with. */
import { readdir, readFile } from 'node:fs/promises'

/** How the environments of all processes that this user may look into are read; undefined where nobody can. */
export type ReadEnvironments = () => Promise<string[] | undefined>

/**
 * By proc(5), /proc/pid/environ. A process that has ended meanwhile, is another user's, or lets nobody look has none;
 * one that has written its title over its environment has another.
 */
export async function readEnvironments(proc = '/proc'): Promise<string[] | undefined> {
  const names = await readdir(proc).catch(() => undefined) // macOS has none
  const pids = names?.filter((name) => /^\d+$/.test(name))
  return pids && Promise.all(pids.map((pid) => readFile(`${proc}/${pid}/environ`, 'latin1').catch(() => '')))
}
