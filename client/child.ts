/** Running the user's program: in place of this process where the platform can, as its child elsewhere. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { constants as os } from 'node:os'
import { join } from 'node:path'
import type { Here } from './here.ts'

/** Exit codes that shells use (POSIX.1-2024, Shell Command Language, section 2.8.2). */
const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

/** Runs `command` with `env`. Does not return where the process can be replaced; else resolves to the exit code. */
export async function runProgram(
  here: Here,
  command: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<number> {
  const [name, ...args] = command
  const found = find(name, env.PATH ?? '')
  if (typeof found === 'number') {
    here.err(`atmosctl: ${name}: ${found === NOT_FOUND ? 'command not found' : 'permission denied'}\n`)
    return found
  }
  const [file, argv] = isScript(found) ? ['/bin/sh', ['sh', found, ...args]] : [found, [name, ...args]]
  if (here.execve) here.execve(file, argv, env)
  return asChild(here, file, argv.slice(1), env)
}

/** The file that a shell would run, or the exit code with which it would give up. */
export function find(name: string, path: string): string | typeof NOT_FOUND | typeof NOT_EXECUTABLE {
  const candidates = name.includes('/')
    ? [name]
    : path.split(':').map((directory) => join(directory || '.', name))
  const files = candidates.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
  const runnable = files.find(isExecutable)
  return runnable ?? (files.length > 0 ? NOT_EXECUTABLE : NOT_FOUND)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The kernel runs ELF, Mach-O and `#!`; a script without that line is a shell's, as shells themselves decide. */
function isScript(file: string): boolean {
  const head = Buffer.alloc(2)
  try {
    const descriptor = openSync(file, 'r')
    readSync(descriptor, head)
    closeSync(descriptor)
  } catch {
    return false // executable and not readable: the kernel knows
  }
  const magic = head.readUInt16BE()
  return magic !== 0x2321 && magic !== 0x7f45 && ![0xcffa, 0xcefa, 0xfeed, 0xcafe].includes(magic)
}

async function asChild(
  here: Here,
  file: string,
  args: string[],
  env: Record<string, string>,
): Promise<number> {
  const { spawn } = await import('node:child_process') // a millisecond that most runs need not spend
  const child = spawn(file, args, { env, stdio: 'inherit' })
  const release = here.onInterrupt(() => {}) // the terminal sends Ctrl-C to the child as well; it decides
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      release()
      resolve(code ?? 128 + (signal ? os.signals[signal] : 0))
    })
  })
}
