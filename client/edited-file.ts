/** A file of another tool's: replaced whole, by one writer at a time, where a link leads to and with its mode. */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AuthError } from '../shared/errors.ts'
import type { Here } from './here.ts'
import { asOneWriter } from './one-writer.ts'

/** Of a client, what the editing of a file needs. */
export type Editor = Pick<Here, 'uid' | 'now' | 'sleep'>

const MOST_LINKS = 40

export interface Edit {
  /** The new text from the old one, which is empty where there is no file. It may be called more than once. */
  change(text: string): string
  /** `latin1` is one character a byte, so that what is not ours stays as it is, whatever its encoding. */
  encoding?: 'utf8' | 'latin1'
  /** Of the file from now on; without it the mode stays as it is. */
  mode?: number
  /** What may be done where the file cannot be written, to complete "Make it yours to write, or …". */
  cure: string
}

interface Found {
  text: string
  /** Undefined where there is no file. */
  mode?: number
}

/** Replaces the text of a file. Returns whether the text changed. UnsafePath where it is no plain file of the user's. */
export async function editFile(here: Editor, file: string, edit: Edit): Promise<boolean> {
  try {
    const target = behindLinks(file)
    const { mode, text } = found(here, target, edit)
    if (mode === undefined && edit.change(text) === '') return false
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    return await replace(here, target, edit)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof AuthError || code === undefined) throw error
    throw new AuthError('Usage', `${file} cannot be written (${code}).`, {
      hint: `Make it yours to write, or ${edit.cure}.`,
      cause: error,
    })
  }
}

/** What the file would hold after the edit. UnsafePath as there. */
export function drafted(here: Editor, file: string, edit: Edit): string {
  return edit.change(found(here, behindLinks(file), edit).text)
}

async function replace(here: Editor, target: string, edit: Edit): Promise<boolean> {
  return asOneWriter(here, `${target}.atmosctl`, async () => {
    const temporary = `${target}.atmosctl-new`
    rmSync(temporary, { force: true }) // of a writer that died
    const descriptor = openSync(temporary, 'wx', 0o600)
    try {
      for (;;) {
        const before = found(here, target, edit)
        const text = edit.change(before.text)
        if (text === before.text) return unchanged(target, before.mode, edit.mode)
        fill(descriptor, Buffer.from(text, edit.encoding), edit.mode ?? before.mode ?? 0o600)
        // Its own tool may have written meanwhile: then that text is the one to change.
        if (found(here, target, edit).text !== before.text) continue
        renameSync(temporary, target)
        flush(dirname(target))
        return true
      }
    } finally {
      closeSync(descriptor)
      rmSync(temporary, { force: true })
    }
  })
}

function unchanged(target: string, mode: number | undefined, wanted: number | undefined): false {
  if (mode !== undefined && wanted !== undefined && mode !== wanted) chmodSync(target, wanted)
  return false
}

function found({ uid }: Editor, target: string, { encoding = 'utf8', cure }: Edit): Found {
  const stat = lstatSync(target, { throwIfNoEntry: false })
  if (!stat) return { text: '' }
  if (!stat.isFile()) throw unsafe(target, 'is no plain file', cure)
  if (stat.uid !== uid) throw unsafe(target, `belongs to user ${stat.uid}`, cure)
  return { text: readFileSync(target, encoding), mode: stat.mode & 0o777 }
}

function unsafe(target: string, why: string, cure: string): AuthError {
  return new AuthError('UnsafePath', `Nothing was written, as ${target} ${why}.`, {
    hint: `Take a file of your own: ${cure}.`,
  })
}

function fill(descriptor: number, bytes: Buffer, mode: number): void {
  ftruncateSync(descriptor)
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, at)
  fchmodSync(descriptor, mode)
  fsyncSync(descriptor)
}

/** A name is on the disk only once its directory is. */
function flush(directory: string): void {
  const descriptor = openSync(directory, constants.O_RDONLY)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** The path that links lead to, whether or not there is a file yet. */
function behindLinks(path: string): string {
  let at = path
  for (let links = 0; links < MOST_LINKS; links++) {
    if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return at
    at = resolve(realpathSync(dirname(at)), readlinkSync(at)) // meant from the real directory
  }
  throw new AuthError('Usage', `${path} is a link that leads nowhere.`, { hint: 'Remove it.' })
}
