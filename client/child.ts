/** Running the user's program: in place of this process where the platform can, as its child elsewhere. */
import { constants as os } from 'node:os'
import type { Here } from './here.ts'
import { NOT_EXECUTABLE, NOT_FOUND, type Program, programOf } from './program.ts'

type Env = Record<string, string>

/** Runs `command` with `env`. Does not return where the process can be replaced; else resolves to the exit code. */
export async function runProgram(
  here: Here,
  command: readonly [string, ...string[]],
  env: Env,
): Promise<number> {
  const program = programOf(command, env.PATH ?? '', here.daemon[0])
  if ('failed' in program) return complain(here, command[0], program.why, program.failed)
  // A failing execve aborts the whole of Node, so it is for what the kernel is certain to take.
  if (here.execve && program.sure) here.execve(program.file, program.argv, env)
  return asChild(here, program, env, PASSED_BY_THE_TERMINAL)
}

/** What to send to the child for a signal of ours; nothing where the terminal has sent it to both. */
export type Forwarding = Partial<Record<NodeJS.Signals, readonly NodeJS.Signals[]>>

const PASSED_BY_THE_TERMINAL: Forwarding = {
  SIGINT: [],
  SIGQUIT: [],
  SIGTERM: ['SIGTERM'],
  SIGHUP: ['SIGHUP'],
}

/** Runs a program and outlives it. Resolves to its exit code, which is a shell's 126 or 127 where it does not start. */
export async function asChild(here: Here, program: Program, env: Env, forward: Forwarding): Promise<number> {
  const { spawn } = await import('node:child_process') // a millisecond that most runs need not spend
  const { file, argv } = program
  const child = spawn(file, argv.slice(1), { argv0: argv[0], env, stdio: 'inherit' })
  const releases = Object.entries(forward).map(([signal, sent]) =>
    here.onSignal(signal as NodeJS.Signals, () => {
      for (const each of sent) child.kill(each)
    }),
  )
  const code = await new Promise<number>((resolve) => {
    child.once('error', ({ code }: NodeJS.ErrnoException) => {
      const failed = code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE
      resolve(complain(here, file, `cannot be run (${code})`, failed))
    })
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? os.signals[signal] : 0)))
  })
  for (const release of releases) release()
  return code
}

export function complain(here: Here, name: string, why: string, code: number): number {
  here.err(`atmosctl: ${name}: ${why}\n`)
  return code
}
