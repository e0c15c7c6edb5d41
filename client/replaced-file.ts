/** A file of the user's that is changed in place: whole before and whole afterwards, whatever happens in between. */
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AuthError } from '../shared/errors.ts'
import type { Here } from './here.ts'

/** Stands between the name of the file and the number of the process that writes it. */
const MARK = '.atmosctl-'
const STALE_MS = 60_000

interface Found {
  /** Where the file is, links followed. */
  path: string
  mode: number
  /** One character a byte. */
  text: string
}

/** The text of a file, one character a byte; empty where there is none. UnsafePath where it is no file of the user's. */
export function textOf(here: Here, path: string): string {
  return found(here, path).text
}

/** Replaces what a file holds by what `change` makes of it. Returns whether that is something else. */
export function changeFile(here: Here, path: string, change: (text: string) => string): boolean {
  for (;;) {
    const file = found(here, path)
    const text = change(file.text)
    if (text === file.text) return false
    // Another program may have written meanwhile: then its text is the one to change.
    const temporary = written(file, text, here)
    try {
      if (found(here, path).text !== file.text) continue
      renameSync(temporary, file.path)
      flush(dirname(file.path))
      return true
    } finally {
      rmSync(temporary, { force: true })
    }
  }
}

function found({ uid }: Here, path: string): Found {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (!entry) return { path, mode: 0o600, text: '' }
  const real = followed(path)
  const stats = lstatSync(real)
  if (!stats.isFile()) throw unsafe(path, 'is no plain file')
  if (stats.uid !== uid) throw unsafe(path, `belongs to user ${stats.uid}`)
  return { path: real, mode: stats.mode & 0o7777, text: readFileSync(real, 'latin1') }
}

function followed(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    throw unsafe(path, 'is a link to nothing')
  }
}

/** A new file beside the old one, flushed, with the old one's mode. */
function written({ path, mode }: Found, text: string, { pid, now }: Here): string {
  const temporary = `${path}${MARK}${pid}`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    for (const left of leftBehind(path, now())) rmSync(left, { force: true })
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const descriptor = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    const bytes = Buffer.from(text, 'latin1')
    for (let count = 0; count < bytes.length; ) count += writeSync(descriptor, bytes, count)
    fchmodSync(descriptor, mode)
    fsyncSync(descriptor)
    closeSync(descriptor)
    return temporary
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw new AuthError('Usage', `${path} cannot be written (${(cause as NodeJS.ErrnoException).code}).`, {
      hint: 'Make it and its directory writable, or name another file with AWS_CONFIG_FILE.',
      cause,
    })
  }
}

/** Those of runs that were killed, and perhaps one of this process's number. */
function leftBehind(path: string, now: number): string[] {
  const beside = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}${MARK}`))
  return beside
    .map((name) => join(dirname(path), name))
    .filter((left) => now - (lstatSync(left, { throwIfNoEntry: false })?.mtimeMs ?? now) > STALE_MS)
}

function flush(directory: string): void {
  const descriptor = openSync(directory, constants.O_RDONLY)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function unsafe(path: string, why: string): AuthError {
  return new AuthError('UnsafePath', `Nothing was written, as ${path} ${why}.`, {
    hint: 'Name a file of your own with AWS_CONFIG_FILE, or unset it.',
  })
}
