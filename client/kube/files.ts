/** Which of kubectl's files is written, and how. */
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { type Editor, editFile } from '../edited-file.ts'
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

export function editKubeconfig(
  here: Editor,
  file: string,
  change: (text: string) => string,
  mode?: number,
): Promise<boolean> {
  const cure = 'name another in KUBECONFIG'
  return editFile(here, file, { change, cure, ...(mode === undefined ? {} : { mode }) })
}

/** What cannot be read has nothing; writing to it says why. */
function has(file: string, what: (text: string) => boolean): boolean {
  try {
    return statSync(file).isFile() && what(readFileSync(file, 'utf8'))
  } catch {
    return false
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
