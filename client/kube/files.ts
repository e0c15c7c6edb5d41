/** Which of kubectl's files is written, and how. */
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { drafted, type Editor, editFile } from '../edited-file.ts'
import { hasUser } from './entries.ts'
import { read } from './tree.ts'

/** The file where the user is entered already; else the first that can be written; else the first. */
export function fileFor(files: readonly string[], user: string): string {
  const own = files.find((file) => has(file, (text) => hasUser(text, user)))
  return own ?? files.find(isWritable) ?? (files[0] as string)
}

/** Whether one of the files says which context is used. kubectl takes the first that does. */
export function haveCurrent(files: readonly string[]): boolean {
  return files.some((file) => has(file, (text) => Boolean(read(text).value['current-context'])))
}

const cure = 'name another in KUBECONFIG'

export function editKubeconfig(
  here: Editor,
  file: string,
  change: (text: string) => string,
  mode?: number,
): Promise<boolean> {
  return editFile(here, file, { change, cure, ...(mode === undefined ? {} : { mode }) })
}

/** Notes what the file would hold among the drafts, and writes nothing. Returns whether that is anything new. */
export function draftKubeconfig(
  here: Editor,
  file: string,
  change: (text: string) => string,
  drafts: Map<string, string>,
): boolean {
  const before = drafts.get(file) ?? drafted(here, file, { change: (text) => text, cure })
  const after = change(before)
  drafts.set(file, after)
  return after !== before
}

/** What cannot be read has nothing; writing to it says why. */
function has(file: string, what: (text: string) => boolean): boolean {
  try {
    return statSync(file).isFile() && what(readFileSync(file, 'utf8'))
  } catch {
    return false
  }
}

/** It is replaced whole, so its directory has to be writable too. */
function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    accessSync(dirname(realpathSync(file)), constants.W_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
