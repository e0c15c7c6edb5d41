/** What a configuration comes to: its files in order, each identity's chain, and the integrations. */
import { printable } from '../../shared/printable.ts'
import type { WorkspaceReply } from '../../shared/replies.ts'
import { type Parent, parentsIn, unknownParent, viaName } from './lineage.ts'
import { placeOf } from './place.ts'
import type { Shown } from './shown.ts'
import { columns } from './table.ts'

/** For `--verbose`. Sections without content are left out; it holds for an unsound configuration too. */
export function explanation(reply: WorkspaceReply, shown: Shown, from: string | undefined): string {
  const { file, files = [file], identities, integrations = [] } = reply
  const wide = shown.columns ?? Number.POSITIVE_INFINITY
  const parentOf = parentsIn(reply)
  const numbered = files.map((path, index) => [`  ${index + 1}`, placeOf(path, from)])
  const used = integrations.map((node) => {
    const parent = parentOf(node)
    const via = viaName(node)
    const from = via === undefined ? '' : parent ? `via ${via}` : unknownParent(node)
    return [`  ${plain(node.name)}`, plain(node.kind), plain(from)]
  })
  const sections: [string, string[]][] = [
    [files.length > 1 ? 'FILES, THE LAST WINS' : 'FILE', [columns(numbered, wide)]],
    ['CHAINS', identities.map((identity) => chainText(identity, parentOf, shown))],
    ['INTEGRATIONS', used.length > 0 ? [columns(used, wide)] : []],
  ]
  return sections
    .filter(([, texts]) => texts.length > 0)
    .map(([title, texts]) => `${shown.paint('bold', title)}\n${texts.join('')}`)
    .join('\n')
}

/** From the provider down to the identity, one step a line; a chain that has no beginning says why. */
function chainText(
  identity: WorkspaceReply['identities'][number],
  parentOf: ReturnType<typeof parentsIn>,
  { paint, columns: wide }: Shown,
): string {
  const steps = new Set<Parent>()
  let step: Parent | undefined = identity
  let fault: string | undefined
  while (step !== undefined) {
    steps.add(step)
    const child = step as typeof identity
    step = parentOf(child)
    if (step === undefined && child.via !== undefined) fault = unknownParent(child)
    if (step !== undefined && steps.has(step)) fault = `circle, by way of "${step.name}" again`
    if (fault !== undefined) break
  }
  const rows = [...steps].reverse().map((node, index) => stepRow(node, index === 0 && fault === undefined))
  const first = fault === undefined ? [] : [['   ', paint('red', plain(fault))]]
  const mark = identity.default ? ` ${paint('cyan', '[default]')}` : ''
  const alias = identity.alias ? ` [alias ${plain(identity.alias)}]` : ''
  const lines = [...first.map((row) => `${row.join(' ')}\n`), columns(rows, wide)]
  return `  ${paint('bold', plain(identity.name))}${mark}${alias}\n${lines.join('')}`
}

function stepRow(node: Parent, begins: boolean): string[] {
  const region = 'region' in node ? node.region : undefined
  const principal = 'principal' in node ? node.principal : undefined
  return [`    ${begins ? ' ' : '→'} ${plain(node.name)}`, plain(node.kind), plain(region ?? principal ?? '')]
}

function plain(text: string): string {
  return printable(text, Number.POSITIVE_INFINITY)
}
