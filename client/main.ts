/** The client's process: arguments in, exit code out. The only file of the client that touches `process`. */
import { writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { closest } from '../shared/closest.ts'
import { AuthError, asAuthError, failures } from '../shared/errors.ts'
import { VERSION } from '../shared/version.ts'
import { type Command, readArguments } from './command.ts'
import { daemon } from './commands/daemon.ts'
import { env } from './commands/env.ts'
import { exec } from './commands/exec.ts'
import { list } from './commands/list.ts'
import { login } from './commands/login.ts'
import { logout } from './commands/logout.ts'
import { shell } from './commands/shell.ts'
import { status } from './commands/status.ts'
import { user } from './commands/user.ts'
import { validate } from './commands/validate.ts'
import { whoami } from './commands/whoami.ts'
import { complaint } from './complaint.ts'
import { leadingOptions, withGlobals } from './globals.ts'
import { commandHelp, overview } from './help.ts'
import type { Here } from './here.ts'
import { wantsColor } from './style.ts'

const commands: Record<string, Command> = {
  login,
  whoami,
  exec,
  shell,
  env,
  list,
  logout,
  user,
  validate,
  status,
  daemon,
}

/** Runs `atmosctl` with the arguments of this process; `daemonCommand` starts a daemon. */
export async function main(daemonCommand: [string, ...string[]]): Promise<void> {
  const here = surroundings(daemonCommand)
  try {
    process.exitCode = await dispatch(here, process.argv.slice(2))
  } catch (error) {
    const failure = asAuthError(error)
    here.err(complaint(failure, here.color))
    process.exitCode = failures[failure.code].exit
  }
}

async function dispatch(here: Here, argv: string[]): Promise<number> {
  const start = leadingOptions(argv)
  const name = argv[start]
  const leading = argv.slice(0, start)
  if (name === 'auth') return dispatch(here, [...leading, ...argv.slice(start + 1)])
  if (leading.includes('--version')) return print(here, `atmosctl ${VERSION}\n`)
  if (name === undefined || name === 'help') return print(here, overview(commands))
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw unknownCommand(name)
  const given = readArguments(name, command, [...leading, ...argv.slice(start + 1)])
  return given.flag('help')
    ? print(here, commandHelp(name, command))
    : command.run(withGlobals(here, given), given)
}

function unknownCommand(name: string): AuthError {
  const close = closest(name, Object.keys(commands))
  const hint = close ? `Did you mean \`atmosctl ${close}\`?` : 'See `atmosctl --help`.'
  return new AuthError('Usage', `There is no command "${name}".`, { hint })
}

function print(here: Here, text: string): number {
  here.out(text)
  return 0
}

function surroundings(daemon: [string, ...string[]]): Here {
  const { env, platform, pid } = process
  const terminal = {
    in: isatty(0),
    out: isatty(1),
    err: isatty(2),
    get columns() {
      return widthOf(env.COLUMNS)
    },
  }
  return {
    env,
    platform,
    pid,
    home: homedir(),
    uid: process.getuid?.() ?? 0,
    cwd: process.cwd(),
    globals: { config: [], configPath: [], profiles: [] },
    interactive: true,
    terminal,
    color: wantsColor(env, terminal.out && terminal.err),
    now: Date.now,
    sleep,
    every(ms, task) {
      const timer = setInterval(task, ms)
      return () => clearInterval(timer)
    },
    promptStream: () => process.stderr,
    // Node's own streams would leave pipes non-blocking for the program that exec starts in our place.
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    execve: process.execve?.bind(process) as Here['execve'],
    onInterrupt(task) {
      process.once('SIGINT', task)
      return () => void process.off('SIGINT', task)
    },
    onSignal(signal, task) {
      process.on(signal, task)
      return () => void process.off(signal, task)
    },
    token: () => crypto.randomUUID(),
    daemon,
  }
}

/** Columns of the terminal; only asked of the stream where the shell has not told. */
function widthOf(told: string | undefined): number {
  return Number(told) || (isatty(1) && process.stdout.columns) || 80
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(0) // the reader, `head` say, has what it wanted
      if (code !== 'EAGAIN') throw error
    }
  }
}
