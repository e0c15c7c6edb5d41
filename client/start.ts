/** Starting the daemon in the background: one, however many clients find that there is none. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AuthError } from '../shared/errors.ts'
import { pathsFor } from '../shared/paths.ts'
import { routes } from '../shared/routes.ts'
import type { Here } from './here.ts'
import { exchange } from './socket.ts'

const PATIENCE_MS = 15_000
/** A client that died while it started the daemon leaves its mark behind; after so long it counts for nothing. */
const STALE_MS = 10_000
const EXIT_ALREADY_RUNNING = 6

/** Starts a daemon unless another client does so just now; resolves when one answers. */
export async function startDaemon(here: Here): Promise<void> {
  const { runtime, state, log } = pathsFor(here)
  for (const directory of [runtime, state]) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const release = claim(here, join(runtime, 'starting'))
  const failure = release ? launch(here, log) : undefined
  try {
    await answered(here, failure)
  } finally {
    release?.()
  }
}

/** Makes a directory, which only one of many can do. Undefined: somebody else has. */
function claim(here: Here, mark: string): (() => void) | undefined {
  try {
    mkdirSync(mark)
    return () => rmSync(mark, { recursive: true, force: true })
  } catch {
    const age = here.now() - (statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age < STALE_MS) return undefined
    rmSync(mark, { recursive: true, force: true })
    return claim(here, mark)
  }
}

/** The daemon as a process of its own, its words in the log. Resolves only if it ends before it is ready. */
function launch({ daemon: [program, ...args], env }: Here, log: string): Promise<AuthError> {
  const start = size(log)
  const output = openSync(log, 'a', 0o600)
  const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output], env, cwd: '/' })
  closeSync(output)
  child.unref()
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(notStarted(error.message, undefined)))
    child.once('exit', (code) => {
      if (code !== EXIT_ALREADY_RUNNING || lastWords(log, start) !== '')
        resolve(notStarted(lastWords(log, start), code))
    })
  })
}

async function answered(here: Here, failure: Promise<AuthError> | undefined): Promise<void> {
  let failed: AuthError | undefined
  void failure?.then((error) => {
    failed = error
  })
  for (const end = here.now() + PATIENCE_MS; here.now() < end; await here.sleep(25)) {
    const alive = await exchange(here, { method: 'GET', path: routes.status }).then(
      () => true,
      () => false,
    )
    if (alive) return
    if (failed) throw failed
  }
  throw notStarted('it did not answer in time', undefined)
}

function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** What the daemon said for people since `start`; its own log lines are JSON. */
function lastWords(log: string, start: number): string {
  const lines = readFileSync(log, 'utf8').slice(start).split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('{')).join('\n')
}

function notStarted(said: string, code: number | null | undefined): AuthError {
  const [first = '', ...rest] = said.replace(/^atmosd: /, '').split('\n')
  const reason = first || `it ended with exit code ${code}`
  const hint = rest.join(' ').trim() || '`atmosctl daemon logs` shows what happened.'
  return new AuthError('DaemonUnreachable', `The daemon could not be started: ${reason}`, { hint })
}
