/** What the processes of this machine were started with. */
import { readdir, readFile } from 'node:fs/promises'

/** How the environments of all processes that this user may look into are read. */
export type ReadEnvironments = () => Promise<string[]>

/**
 * By proc(5), /proc/pid/environ. A process that has ended meanwhile, is another user's, or lets nobody look has none;
 * one that has written its title over its environment has another.
 */
export async function readEnvironments(proc = '/proc'): Promise<string[]> {
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name))
  return Promise.all(pids.map((pid) => readFile(`${proc}/${pid}/environ`, 'latin1').catch(() => '')))
}
