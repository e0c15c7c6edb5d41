/**
 * One writer at a time for a file: a link beside it that leads nowhere and names the process that holds it, since a link
 * alone is made and filled in one step. A dead holder's is taken over at once. Node has no flock.
 */
import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { AuthError } from '../shared/errors.ts'
import type { Here } from './here.ts'

export type Waiting = Pick<Here, 'now' | 'sleep'>

/** Nobody edits for so long. Whoever cannot be looked at counts as dead then; the others are not waited for. */
const LONGEST_MS = 10_000
const PAUSE_MS = 20
const UNKNOWN = '- - -'

/** Holds the link at `path` while `work` runs. Pending where another process goes on holding it. */
export async function asOneWriter<T>(here: Waiting, path: string, work: () => Promise<T>): Promise<T> {
  await take(here, path, markOf('self'))
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

async function take(here: Waiting, path: string, mine: string): Promise<void> {
  const began = here.now()
  while (!made(path, mine)) {
    const holder = holderOf(path)
    if (holder !== undefined && isDead(here, path, holder)) {
      if (await inherit(here, path, holder, mine)) return
    } else if (here.now() - began > LONGEST_MS) throw stillHeld(path, holder)
    else if (holder !== undefined) await here.sleep(PAUSE_MS)
  }
}

function made(path: string, mine: string): boolean {
  try {
    symlinkSync(mine, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Puts a link of ours in the place of a dead holder's. Only one may: else the second to find it dead would put its own
 * in the place of the first one's. So the right to do it is held in the same way, under a name of the dead holder's own,
 * and becomes the link itself. Returns whether the link is ours now.
 */
async function inherit(here: Waiting, path: string, holder: string, mine: string): Promise<boolean> {
  const right = `${path}-${createHash('sha256').update(holder).digest('hex').slice(0, 12)}`
  await take(here, right, mine)
  const isTheirs = holderOf(path) === holder
  if (isTheirs) renameSync(right, path)
  else rmSync(right, { force: true })
  return isTheirs
}

/** What the link says; empty for what is no link, undefined where there is nothing any more. */
function holderOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return ''
  }
}

/** For certain where the holder would be seen if it lived; else by the age of its link. */
function isDead({ now }: Waiting, path: string, holder: string): boolean {
  const [where, pid] = holder.split(' ')
  const [here] = markOf('self').split(' ')
  if (where !== '-' && where === here && /^\d+$/.test(pid ?? '')) return markOf(pid ?? '') !== holder
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat !== undefined && now() - stat.mtimeMs > LONGEST_MS
}

/**
 * A process as no other is called: the boot and the namespace in which its number means it, the number, and when it
 * began (proc(5), /proc/pid/stat). `-` for what there is no way to know, as on macOS.
 */
function markOf(pid: string): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const space = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', ...behind] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const isOver = 'ZX'.includes(state) // and only its parent has not asked how it ended
    return isOver ? UNKNOWN : `${boot}/${space} ${stat.slice(0, stat.indexOf(' '))} ${behind[18]}`
  } catch {
    return UNKNOWN
  }
}

function stillHeld(path: string, holder: string | undefined): AuthError {
  const pid = holder?.split(' ')[1]
  const whose = pid === undefined || pid === '-' ? 'Another atmosctl' : `Another atmosctl, process ${pid},`
  return new AuthError('Pending', `${whose} has been writing the same file for ten seconds.`, {
    hint: `Try again when it has ended. Its mark is ${path}.`,
  })
}
