/** The client's process: arguments in, exit code out. The only file of the client that touches `process`. */
import { writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { AuthError, asAuthError, failures } from '../shared/errors.ts'
import { VERSION } from '../shared/version.ts'
import { type Command, readArguments } from './command.ts'
import { daemon } from './commands/daemon.ts'
import { env } from './commands/env.ts'
import { exec } from './commands/exec.ts'
import { list } from './commands/list.ts'
import { login } from './commands/login.ts'
import { logout } from './commands/logout.ts'
import { status } from './commands/status.ts'
import { validate } from './commands/validate.ts'
import { whoami } from './commands/whoami.ts'
import { complaint } from './complaint.ts'
import { commandHelp, overview } from './help.ts'
import type { Here } from './here.ts'
import { wantsColor } from './style.ts'

const commands: Record<string, Command> = { login, whoami, exec, env, list, logout, validate, status, daemon }

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
  const [first, second] = argv
  if (first === '--chdir' || first === '-C') {
    return dispatch({ ...here, cwd: resolve(here.cwd, second ?? '.') }, argv.slice(2))
  }
  if (first === 'auth') return dispatch(here, argv.slice(1))
  if (first === '--version') return print(here, `atmosctl ${VERSION}\n`)
  if (first === undefined || first === '--help' || first === '-h' || first === 'help')
    return print(here, overview(commands))
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined
  if (!command)
    throw new AuthError('Usage', `There is no command "${first}".`, { hint: 'See `atmosctl --help`.' })
  const given = readArguments(first, command, argv.slice(1))
  return given.flag('help') ? print(here, commandHelp(first, command)) : command.run(here, given)
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
