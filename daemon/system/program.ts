/** Running somebody else's program: with the environment that it is given and no other, bounded in time and output. */
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type Clock, within } from './clock.ts'

export interface Program {
  file: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  limitMs: number
  clock: Clock
  signal: AbortSignal
}

export interface Ended {
  /** Undefined where it was ended, being too slow or saying too much. */
  code: number | undefined
  stdout: string
  stderr: string
}

const MOST_BYTES = 262_144

/** The first program of a name in the folders of a PATH; undefined where there is none. Relative folders mean nothing here. */
export async function programOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(':').filter((one) => isAbsolute(one))) {
    const file = join(folder, name)
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs && (await stat(file)).isFile()) return file
  }
  return undefined
}

/** Runs a program to its end. It, and whatever it has started, is ended when time is up or when nobody waits any more. */
export async function runProgram({ file, args, env, limitMs, clock, signal }: Program): Promise<Ended> {
  // A process group of its own, so that what a script starts ends with it.
  const child = spawn(file, args, { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => endGroup(child.pid)
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (said[name].length > MOST_BYTES) return end()
      said[name] += text
    })
  }
  const closed = new Promise<{ code: number | null }>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code }))
  })
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    const ended = await within(clock, limitMs, () => closed)
    if (!ended) end()
    return { code: ended?.code ?? undefined, ...said }
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
