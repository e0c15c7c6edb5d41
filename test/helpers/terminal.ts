/** A terminal of 80 columns and 24 lines that a test types into and looks at: a tmux server of its own. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ATMOSCTL, type TestHome } from './house.ts'

/** How long a test waits for something to appear on the screen. */
const PATIENCE_MS = 10_000

export interface Terminal {
  /** Types text as it is, without Enter. */
  type(text: string): void
  /** Presses keys by tmux's names for them: `Enter`, `Tab`, `Escape`, `C-c`, `Down`. */
  press(...keys: string[]): void
  /** What is on the screen now, without colour; lines end where their text ends. */
  screen(): string
  /** The same with the escape sequences of colours. */
  painted(): string
  /** Waits until the screen matches; throws with the screen where it never does. */
  shows(expected: RegExp): Promise<string>
  close(): void
}

/** Runs `command` in `cwd` with `env` and nothing else. The screen goes with the command's end, unless that lingers. */
export function openTerminal(
  command: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Terminal {
  const socket = join(env.HOME ?? cwd, `tmux-${count++}.sock`)
  const settings = `${socket}.conf`
  writeFileSync(settings, 'set -g status off\nset -g escape-time 0\n')
  // UTF-8 whatever the machine's locale is, since that is what prompts draw with.
  const tmux = (...args: string[]) =>
    spawnSync('tmux', ['-u', '-f', settings, '-S', socket, ...args], {
      encoding: 'utf8',
      cwd,
      env: { LC_ALL: 'C.UTF-8', ...env, TERM: 'xterm-256color' },
    })
  const started = tmux('new-session', '-d', '-x', '80', '-y', '24', '--', ...command)
  if (started.status !== 0) throw new Error(`tmux: ${started.stderr || started.error}`)
  const screen = () => tmux('capture-pane', '-p').stdout
  return {
    type: (text) => void tmux('send-keys', '-l', '--', text),
    press: (...keys) => void tmux('send-keys', ...keys),
    screen,
    painted: () => tmux('capture-pane', '-p', '-e').stdout,
    async shows(expected) {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(30)) {
        const seen = screen()
        if (expected.test(seen)) return seen
      }
      throw new Error(`The screen never showed ${expected}:\n${screen()}`)
    },
    close: () => void tmux('kill-server'),
  }
}

let count = 0

/** Puts `atmosctl` on the path of a home, and the Node of the tests before any other. */
export function commandOnPath(home: TestHome): void {
  const bin = join(home.path, 'bin')
  mkdirSync(bin)
  symlinkSync(ATMOSCTL, join(bin, 'atmosctl'))
  const path = `${bin}:${dirname(process.execPath)}:${home.env.PATH}`
  Object.assign(home.env, { PATH: path, SHELL: '/bin/sh', PS1: '$ ' })
}

/** What to tell tap where a program is missing; never in CI, where everything has to be there. */
export function unless(...programs: string[]): { skip: string | false } {
  const missing = programs.filter((name) => spawnSync(name, ['-c', ':'], { stdio: 'ignore' }).error)
  return { skip: missing.length > 0 && !process.env.CI ? `${missing.join(', ')} is not installed` : false }
}
