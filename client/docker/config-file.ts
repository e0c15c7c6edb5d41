/** Docker's config.json as a file. */
import { join, resolve } from 'node:path'
import { type Editor, editFile } from '../edited-file.ts'
import type { Here } from '../here.ts'

/** Where Docker looks: in DOCKER_CONFIG, else in the home directory. */
export function configFile({ env, home, cwd }: Here): string {
  return resolve(cwd, join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'))
}

/** Replaces the text by what `change` makes of it, empty where there is no file. Returns whether anything changed. */
export function editConfig(here: Editor, file: string, change: (text: string) => string): Promise<boolean> {
  return editFile(here, file, { change, cure: 'set DOCKER_CONFIG to another directory' })
}
