/** The client's process: arguments in, exit code out. The only file of the client that touches `process`. */
import { writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { asAuthError, failures } from '../shared/errors.ts'
import { aksToken } from './commands/aks-token.ts'
import { awsConfig } from './commands/aws-config.ts'
import { completion } from './commands/completion.ts'
import { console } from './commands/console.ts'
import { credentialProcess } from './commands/credential-process.ts'
import { daemon } from './commands/daemon.ts'
import { doctor } from './commands/doctor.ts'
import { ecrLogin } from './commands/ecr-login.ts'
import { eksToken } from './commands/eks-token.ts'
import { endpoint } from './commands/endpoint.ts'
import { env } from './commands/env.ts'
import { exec } from './commands/exec.ts'
import { gkeToken } from './commands/gke-token.ts'
import { grants } from './commands/grants.ts'
import { list } from './commands/list.ts'
import { login } from './commands/login.ts'
import { logout } from './commands/logout.ts'
import { registryLogin } from './commands/registry-login.ts'
import { schema } from './commands/schema.ts'
import { shell } from './commands/shell.ts'
import { status } from './commands/status.ts'
import { trust } from './commands/trust.ts'
import { updateKubeconfig } from './commands/update-kubeconfig.ts'
import { user } from './commands/user.ts'
import { validate } from './commands/validate.ts'
import { whoami } from './commands/whoami.ts'
import { complaint } from './complaint.ts'
import { COMPLETE, type Commands, dispatch } from './dispatch.ts'
import type { Here } from './here.ts'
import { wantsColor } from './style.ts'
import { reopenInput } from './terminal.ts'

const commands: Commands = {
  login,
  whoami,
  exec,
  shell,
  env,
  endpoint,
  grants,
  'credential-process': credentialProcess,
  'aws-config': awsConfig,
  console,
  'eks-token': eksToken,
  'aks-token': aksToken,
  'gke-token': gkeToken,
  list,
  logout,
  user,
  'ecr-login': ecrLogin,
  'registry-login': registryLogin,
  'update-kubeconfig': updateKubeconfig,
  validate,
  doctor,
  schema,
  status,
  trust,
  daemon,
  completion,
}

/**
 * Runs `atmosctl` with the arguments of this process, behind those that another name of it stands for;
 * `daemonCommand` starts a daemon.
 */
export async function main(
  daemonCommand: [string, ...string[]],
  implied: readonly string[] = [],
): Promise<void> {
  const here = surroundings(daemonCommand)
  try {
    const argv = [...implied, ...process.argv.slice(2)]
    process.exitCode = await dispatch(here, commands, argv)
    if (argv[0] === COMPLETE) process.exit() // the person does not wait for what came too late to be of use
  } catch (error) {
    const failure = asAuthError(error)
    // Whoever failed may have failed before the options were read.
    const color = here.color && !process.argv.includes('--no-color')
    here.err(complaint(failure, color, here.cwd))
    process.exitCode = failures[failure.code].exit
  }
}

function surroundings(daemon: [string, ...string[]]): Here {
  const { env, platform, pid, ppid } = process
  const execve = process.execve?.bind(process) as Here['execve']
  let prompted = false
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
    parent: ppid,
    home: homedir(),
    uid: process.getuid?.() ?? 0,
    cwd: process.cwd(),
    enter: (directory) => process.chdir(directory),
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
    promptStream() {
      prompted = true
      return process.stderr
    },
    // Node's own streams would leave pipes non-blocking for the program that exec starts in our place.
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    execve:
      execve &&
      ((file, args, env) => {
        if (prompted) reopenInput()
        return execve(file, args, env)
      }),
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
    self: process.argv[1] ?? 'atmosctl',
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
      if (code === 'EPIPE' && descriptor === 1) process.exit(0) // the reader, `head` say, has what it wanted
      if (code === 'EPIPE') return // nobody reads why, and the exit code still says that
      if (code !== 'EAGAIN') throw error
    }
  }
}
