/** A home of its own for each test, with a daemon as a real process in it and the client to talk to it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
export const ATMOSCTL = join(ROOT, 'client', 'bin', 'atmosctl.cjs')
export const ATMOSD = join(ROOT, 'daemon', 'bin', 'atmosd.cjs')

export interface Outcome {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface TestHome {
  /** The home directory; `project` holds atmos.yaml. */
  path: string
  project: string
  env: Record<string, string>
  config(text: string): void
  /** Runs atmosctl in the project to its end. `input` is its standard input. */
  atmosctl(
    args: string[],
    more?: { env?: Record<string, string>; input?: string; cwd?: string },
  ): Promise<Outcome>
  /** Starts atmosctl and returns at once. */
  start(args: string[], more?: { env?: Record<string, string> }): ChildProcess
  /** Stops the daemon and removes everything. */
  remove(): Promise<void>
}

/** A temporary home on a free port; nothing of the real user's environment or files is seen in it. */
export function testHome(more: { port?: number; keyringPassword?: string } = {}): TestHome {
  const path = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
  const project = join(path, 'project')
  for (const directory of [project, join(path, 'run')]) mkdirSync(directory, { mode: 0o700 })
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: path,
    XDG_RUNTIME_DIR: join(path, 'run'),
    ATMOSD_LISTEN: `127.0.0.1:${more.port ?? 0}`,
    ...(more.keyringPassword ? { ATMOS_KEYRING_PASSWORD: more.keyringPassword } : {}),
  }
  const home: TestHome = {
    path,
    project,
    env,
    config: (text) => writeFileSync(join(project, 'atmos.yaml'), text),
    atmosctl: (args, options = {}) =>
      finished(
        spawn(process.execPath, [ATMOSCTL, ...args], {
          cwd: options.cwd ?? project,
          env: { ...env, ...options.env },
        }),
        options.input,
      ),
    start: (args, options = {}) =>
      spawn(process.execPath, [ATMOSCTL, ...args], { cwd: project, env: { ...env, ...options.env } }),
    async remove() {
      await home.atmosctl(['daemon', 'stop'])
      rmSync(path, { recursive: true, force: true })
    },
  }
  return home
}

/** What a process printed and how it ended. */
export function finished(child: ChildProcess, input?: string): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}
