/** Entering a cluster in kubectl's file. */
import { AuthError } from '../../shared/errors.ts'
import type { AppliedCluster } from '../../shared/integration-replies.ts'
import type { Here } from '../here.ts'
import { painter } from '../style.ts'
import { enterCluster } from './entries.ts'
import { editKubeconfig, fileFor, haveCurrent } from './files.ts'
import { execOf } from './plugin.ts'

export interface KubeManner {
  force: boolean
  use: boolean
  /** Whether nothing is said where nothing changed. */
  quiet: boolean
}

/** Enters it. Usage where another tool's entry stands in the way. */
export async function enterInKubeconfig(
  here: Here,
  applied: AppliedCluster,
  { force, use, quiet }: KubeManner,
): Promise<void> {
  const { files, token, identity, update, mode, integration, context } = applied
  const file = fileFor(files, applied.user)
  const entries = { ...applied, exec: execOf(here, token, identity) }
  const manner = {
    force: update === 'replace' || (force && update !== 'error'),
    use: use || !haveCurrent(files),
  }
  let inTheWay: string | undefined
  const change = (text: string) => {
    const entered = enterCluster(text, entries, manner)
    inTheWay = 'inTheWay' in entered ? entered.inTheWay : undefined
    return 'text' in entered ? entered.text : text
  }
  const octal = mode === undefined ? undefined : Number.parseInt(mode, 8)
  const changed = await editKubeconfig(here, file, change, octal)
  if (inTheWay !== undefined) {
    const hint =
      update === 'error'
        ? 'Give the integration an `alias`, or let it `update: merge`.'
        : `Give it an \`alias\`, or replace it: \`atmosctl update-kubeconfig ${integration} --force\`.`
    throw new AuthError('Usage', `Not changed: ${file} ${inTheWay}.`, { hint })
  }
  if (!changed && quiet) return
  const used = manner.use ? ', and uses it' : ''
  here.err(
    `${painter(here.color)('green', '✓')} ${integration}: kubectl has the context${used}\n  ${context}\n  ${file}\n`,
  )
}
