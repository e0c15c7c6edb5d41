/** Entering a cluster in kubectl's file. */
import { AuthError } from '../../shared/errors.ts'
import type { AppliedCluster } from '../../shared/integration-replies.ts'
import type { Here } from '../here.ts'
import { painter } from '../style.ts'
import { enterCluster } from './entries.ts'
import { draftKubeconfig, editKubeconfig, fileFor, haveCurrent } from './files.ts'
import { execOf } from './plugin.ts'

export interface KubeManner {
  force: boolean
  use: boolean
  /** Whether nothing is said where nothing changed. */
  quiet: boolean
  /** Whether the cluster is none of the configuration's. */
  unwritten?: boolean
  /** What files would hold, by their paths: nothing is written then. */
  drafts?: Map<string, string>
}

/** Enters it. Usage where another tool's entry stands in the way. */
export async function enterInKubeconfig(
  here: Here,
  applied: AppliedCluster,
  { force, use, quiet, unwritten = false, drafts }: KubeManner,
): Promise<void> {
  const { files, token, identity, update, mode } = applied
  const file = fileFor(files, applied.user)
  const entries = { ...applied, exec: execOf(here, token, identity) }
  const isDrafted = files.some((one) => drafts?.has(one)) // which says then which context is used
  const manner = {
    force: update === 'replace' || (force && update !== 'error'),
    use: use || !(isDrafted || haveCurrent(files)),
  }
  let inTheWay: string | undefined
  const change = (text: string) => {
    const entered = enterCluster(text, entries, manner)
    inTheWay = 'inTheWay' in entered ? entered.inTheWay : undefined
    return 'text' in entered ? entered.text : text
  }
  const octal = mode === undefined ? undefined : Number.parseInt(mode, 8)
  const changed = drafts
    ? draftKubeconfig(here, file, change, drafts)
    : await editKubeconfig(here, file, change, octal)
  if (inTheWay !== undefined)
    throw new AuthError('Usage', `Not changed: ${file} ${inTheWay}.`, { hint: wayOut(applied, unwritten) })
  if (changed || !quiet) tell(here, applied, file, manner.use, drafts !== undefined)
}

function wayOut({ integration, update }: AppliedCluster, unwritten: boolean): string {
  if (unwritten) return 'Call the context something else with --alias, or replace it with --force.'
  if (update === 'error') return 'Give the integration an `alias`, or let it `update: merge`.'
  return `Give it an \`alias\`, or replace it: \`atmosctl update-kubeconfig ${integration} --force\`.`
}

function tell(
  here: Here,
  { integration, context }: AppliedCluster,
  file: string,
  use: boolean,
  isDraft: boolean,
): void {
  const mark = isDraft ? '' : `${painter(here.color)('green', '✓')} `
  const [has, uses] = isDraft ? ['would have', 'would use'] : ['has', 'uses']
  here.err(
    `${mark}${integration}: kubectl ${has} the context${use ? `, and ${uses} it` : ''}\n  ${context}\n  ${file}\n`,
  )
}
