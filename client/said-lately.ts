/** Programs that run us several times in a row, as kubectl does a plugin that fails: they are told once what to do. */
import { lstatSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathsFor } from '../shared/paths.ts'
import { whyNotPrivate } from '../shared/private-directory.ts'
import type { Here } from './here.ts'

const LATELY_MS = 10_000

/** Whether this was said within the last ten seconds; it counts as said from now on. `topic` is a file's name. */
export function saidLately(here: Here, topic: string): boolean {
  const { runtime } = pathsFor(here)
  const mark = join(runtime, `said-${topic}`)
  const age = here.now() - (statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  if (age >= 0 && age < LATELY_MS) return true
  try {
    // In a directory of somebody else's the mark could be a link to a file of ours.
    if (whyNotPrivate(lstatSync(runtime), here.uid) === undefined) writeFileSync(mark, '', { mode: 0o600 })
  } catch {} // then it is said again
  return false
}
