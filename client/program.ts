/** Which file a program's name means, and whether the kernel can run it. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Here } from './here.ts'

/** Exit codes that shells use (POSIX.1-2024, Shell Command Language, section 2.8.2). */
export const NOT_FOUND = 127
export const NOT_EXECUTABLE = 126
type Failed = typeof NOT_FOUND | typeof NOT_EXECUTABLE

/** What to hand to the kernel; `sure` where it is certain to be taken. */
export interface Program {
  file: string
  argv: string[]
  sure: boolean
}

/** One of the programs that came with this client, beside the daemon's own. */
export function shipped({ daemon }: Here, name: string): string {
  return join(dirname(daemon[1] ?? ''), '..', 'client', 'bin', `${name}.cjs`)
}

/** The file that a shell would run, or the exit code with which it would give up. */
export function find(name: string, path: string): string | Failed {
  const candidates = name.includes('/')
    ? [name]
    : path.split(':').map((directory) => join(directory || '.', name))
  const files = candidates.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
  const runnable = files.find(isExecutable)
  return runnable ?? (files.length > 0 ? NOT_EXECUTABLE : NOT_FOUND)
}

/** A program found in `path`, or why it cannot be run. `like` is a program that this machine is known to run. */
export function programOf(
  [name, ...args]: readonly [string, ...string[]],
  path: string,
  like: string,
): Program | { failed: Failed; why: string } {
  const file = find(name, path)
  if (typeof file === 'number')
    return { failed: file, why: file === NOT_FOUND ? 'command not found' : 'permission denied' }
  const head = headOf(file)
  if (head === undefined) return { file, argv: [name, ...args], sure: false }
  if (head.startsWith('#!')) return script(file, [name, ...args], head)
  const magic = head.slice(0, 4)
  // A script without `#!` is a shell's, as shells themselves decide.
  if (!BINARIES.has(magic)) return { file: '/bin/sh', argv: ['sh', file, ...args], sure: true }
  return { file, argv: [name, ...args], sure: machineOf(head) === machineOf(headOf(like) ?? '') }
}

/** ELF, and Mach-O in either byte order or for several machines. */
const BINARIES = new Set([
  '\x7fELF',
  '\xcf\xfa\xed\xfe',
  '\xce\xfa\xed\xfe',
  '\xfe\xed\xfa\xcf',
  '\xca\xfe\xba\xbe',
])

function script(file: string, argv: string[], head: string): Program | { failed: Failed; why: string } {
  const [, interpreter = ''] = /^#![ \t]*([^ \t\n]*)/.exec(head) ?? []
  const found = find(interpreter.includes('/') ? interpreter : `./${interpreter}`, '')
  if (typeof found === 'number') return { failed: found, why: `${interpreter}: bad interpreter` }
  return { file, argv, sure: true }
}

/** The kind of machine that a program is for: of ELF the class, byte order and machine, of others the magic alone. */
function machineOf(head: string): string {
  return head.startsWith('\x7fELF') ? head.slice(4, 6) + head.slice(18, 20) : head.slice(0, 4)
}

/** The first bytes, one a character. Undefined where the file may be run but not read: the kernel knows. */
function headOf(file: string): string | undefined {
  const head = Buffer.alloc(256)
  try {
    const descriptor = openSync(file, 'r')
    const length = readSync(descriptor, head)
    closeSync(descriptor)
    return head.toString('latin1', 0, length)
  } catch {
    return undefined
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
