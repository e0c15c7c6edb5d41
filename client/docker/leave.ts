import { createHash } from 'node:crypto'
import { asAuthError } from '../../shared/errors.ts'
import type { RegistryEntry } from '../../shared/integration-replies.ts'
import type { Here } from '../here.ts'
import { editConfig } from './config-file.ts'
import { takeOut } from './entries.ts'

/** Takes what was entered out of the files that it was entered in. What cannot be taken out is said. */
export async function leave(here: Here, entries: readonly RegistryEntry[]): Promise<void> {
  for (const file of new Set(entries.map((entry) => entry.file))) {
    const theirs = entries.filter((entry) => entry.file === file)
    await editConfig(here, file, (text) =>
      theirs.reduce(
        (now, { host, digest }) => takeOut(now, host, (token) => digestOf(token) === digest),
        text,
      ),
    ).catch((error) => {
      const { message, hint } = asAuthError(error)
      here.err(`atmosctl: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
    })
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
