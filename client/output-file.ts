/** A file that the user names for what a command would print. */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { AuthError } from '../shared/errors.ts'
import type { Here } from './here.ts'

export interface OutputFile {
  path: string
  /** Whether it has to be the user's own: secrets go into it. Not so where a CI runner says which file to use. */
  own: boolean
}

/** Appends lines, making the file for this user alone where there is none. UnsafePath where it is no file of theirs. */
export function append({ cwd, uid }: Here, { path, own }: OutputFile, text: string): void {
  const file = resolve(cwd, path)
  const descriptor = opened(file, own)
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile()) throw unsafe(file, 'is no plain file')
    if (own && found.uid !== uid) throw unsafe(file, `belongs to user ${found.uid}`)
    const bytes = Buffer.from(endsMidLine(descriptor, found.size) ? `\n${text}` : text)
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
  } finally {
    closeSync(descriptor)
  }
}

/** A link of the user's own is followed, and where it leads to is looked at; without that look none is followed. */
function opened(file: string, own: boolean): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_NONBLOCK, O_NOFOLLOW } = constants
  try {
    return openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | (own ? 0 : O_NOFOLLOW), 0o600)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new AuthError('Usage', `${file} cannot be written (${code}).`, {
      hint: 'Name a file of yours in a directory that you may write to.',
      cause,
    })
  }
}

function unsafe(file: string, why: string): AuthError {
  return new AuthError('UnsafePath', `Nothing was written, as ${file} ${why}.`, {
    hint: 'Name a file of your own.',
  })
}

/** Whether the last line was left open, so that what comes next would become a part of it. */
function endsMidLine(descriptor: number, size: number): boolean {
  const last = Buffer.alloc(1)
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString('latin1') !== '\n'
}
