/** Taking what was entered out of the files that it was entered in, and nothing else. */
import { createHash } from 'node:crypto'
import { asAuthError } from '../../shared/errors.ts'
import type { ClusterEntry, RegistryEntry } from '../../shared/integration-replies.ts'
import { editConfig } from '../docker/config-file.ts'
import { takeOut } from '../docker/entries.ts'
import { warn } from '../docker/telling.ts'
import type { Here } from '../here.ts'

/** From Docker's files. What cannot be taken out is said. */
export async function leave(here: Here, entries: readonly RegistryEntry[]): Promise<void> {
  for (const file of new Set(entries.map((entry) => entry.file))) {
    const theirs = entries.filter((entry) => entry.file === file)
    const change = (text: string) =>
      theirs.reduce(
        (now, { host, digest }) => takeOut(now, host, (token) => digestOf(token) === digest),
        text,
      )
    await editConfig(here, file, change).catch(said(here))
  }
}

/** From kubectl's files: of those that an entry may be in, from all. */
export async function leaveClusters(here: Here, entries: readonly ClusterEntry[]): Promise<void> {
  const { editKubeconfig } = await import('../kube/files.ts') // it brings YAML with it
  const { takeOut } = await import('../kube/entries.ts')
  for (const file of new Set(entries.flatMap(({ files }) => files))) {
    const theirs = entries.filter(({ files }) => files.includes(file))
    await editKubeconfig(here, file, (text) => theirs.reduce(takeOut, text)).catch(said(here))
  }
}

function said(here: Here): (error: unknown) => void {
  return (error) => {
    const { message, hint } = asAuthError(error)
    warn(here, message, hint)
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
