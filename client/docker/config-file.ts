/** Docker's config.json as a file: replaced whole, by one writer at a time, where a link leads to and with its mode. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import type { Here } from '../here.ts'

/** A writer that died leaves its new file behind; after so long it counts for nothing. */
const STALE_MS = 10_000
const PAUSE_MS = 20
const MOST_LINKS = 40

/** Where Docker looks: in DOCKER_CONFIG, else in the home directory. */
export function configFile({ env, home, cwd }: Here): string {
  return resolve(cwd, join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'))
}

/** Replaces the text by what `change` makes of it, empty where there is no file. Returns whether anything changed. */
export async function editConfig(
  here: Here,
  file: string,
  change: (text: string) => string,
): Promise<boolean> {
  try {
    const target = behindLinks(file)
    const before = statSync(target, { throwIfNoEntry: false })
    if (!before && change('') === '') return false
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    return await replace(here, target, change)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof AuthError || code === undefined) throw error
    throw new AuthError('Usage', `${file} cannot be written (${code}).`, {
      hint: 'Make it yours to write, or set DOCKER_CONFIG to another directory.',
      cause: error,
    })
  }
}

async function replace(here: Here, target: string, change: (text: string) => string): Promise<boolean> {
  const temporary = `${target}.atmosctl`
  const descriptor = await claimed(here, temporary)
  let done = false
  try {
    const stat = statSync(target, { throwIfNoEntry: false })
    const before = stat ? readFileSync(target, 'utf8') : ''
    const after = change(before)
    if (after === before) return false
    const bytes = Buffer.from(after)
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
    fchmodSync(descriptor, stat ? stat.mode & 0o777 : 0o600)
    fsyncSync(descriptor)
    renameSync(temporary, target)
    done = true
    return true
  } finally {
    closeSync(descriptor)
    if (!done) rmSync(temporary, { force: true }) // once renamed, the name may be another writer's
  }
}

/** The new file itself is the lock: only one writer can make it. */
async function claimed(here: Here, temporary: string): Promise<number> {
  for (;;) {
    try {
      return openSync(temporary, 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const left = lstatSync(temporary, { throwIfNoEntry: false })
    if (left && here.now() - left.mtimeMs > STALE_MS) rmSync(temporary, { force: true })
    else await here.sleep(PAUSE_MS)
  }
}

/** The path that links lead to, whether or not there is a file yet. */
function behindLinks(path: string): string {
  let at = path
  for (let links = 0; links < MOST_LINKS; links++) {
    if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return at
    at = resolve(dirname(at), readlinkSync(at))
  }
  throw new AuthError('Usage', `${path} is a link that leads nowhere.`, { hint: 'Remove it.' })
}
