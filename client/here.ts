/** What a command knows of the process that runs it; main.ts fills it in, so that a test can fill in another. */
import type { Surroundings } from '../shared/paths.ts'
import { runsInCi } from './ci.ts'

export interface Here extends Surroundings {
  /** Working directory, after `--chdir`. */
  cwd: string
  /** Makes a directory the working one, for programs that are run as well. */
  enter(directory: string): void
  /** The other options that say which configuration is meant; paths are absolute. */
  globals: { config: string[]; configPath: string[]; profiles: string[] }
  /** Tags of `--tags`, one of which an identity must have to be chosen. */
  tags?: readonly string[]
  /** Whether a person may be asked; false for `--interactive=false`. */
  interactive: boolean
  pid: number
  /** The process that runs this one. */
  parent: number
  /** Wall clock, epoch milliseconds. */
  now(): number
  sleep(ms: number): Promise<void>
  /** Calls `task` every `ms` until the returned function is called. */
  every(ms: number, task: () => void): () => void
  /** Writes data for other programs to standard output. */
  out(text: string): void
  /** Writes everything else to standard error. */
  err(text: string): void
  /** Standard error as a stream, for prompts that draw themselves. */
  promptStream(): NodeJS.WritableStream
  terminal: { in: boolean; out: boolean; err: boolean; columns: number }
  color: boolean
  /** Replaces this process, where the platform can. */
  execve: ((file: string, args: string[], env: Record<string, string>) => never) | undefined
  /** Runs `task` at every such signal, in place of what it would do. Returns how to take it back. */
  onSignal(signal: NodeJS.Signals, task: () => void): () => void
  /** Random text that nobody can guess: letters, digits and dashes. */
  token(): string
  /** Runs `task` at the first Ctrl-C; the second ends the process. Returns how to take it back. */
  onInterrupt(task: () => void): () => void
  /** Program and arguments that start the daemon. */
  daemon: [string, ...string[]]
  /** Absolute path of the atmosctl that runs. */
  self: string
}

/** Whether a person can be asked something now. */
export function isInteractive({ terminal, env, interactive }: Here): boolean {
  return interactive && terminal.in && terminal.err && !runsInCi(env)
}
