/** Files that tools need beside their variables, in the directory that the daemon made for the grant and removes with it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Environment } from './change.ts'

/** Writes them for this user alone. */
export function writeFiles({ files = [] }: Environment): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, text, { mode: 0o600 })
  }
}
