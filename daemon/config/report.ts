/** Faults as problems for people: each at its place, with the line that it stands in. Pure. */
import type { Problem } from '../../shared/replies.ts'
import { NOT_ALLOWED } from './functions.ts'
import { type Gathered, yamlOf } from './gather.ts'
import type { IssueFault } from './issues.ts'
import { type Absent, type MapTree, type Place, placeAt } from './tree.ts'
import type { PlacedFault } from './yaml-file.ts'

type Unlined = Omit<Problem, 'file' | 'line' | 'column' | 'source'>

export interface Findings {
  /** At paths of the merged configuration. */
  faults: readonly IssueFault[]
  /** At places that are known already. */
  placed: readonly PlacedFault[]
  absent: readonly Absent[]
}

/** All problems in the order of the files and of their lines. */
export function problemsOf(tree: MapTree, gathered: Gathered, findings: Findings): Problem[] {
  const lines = linesOf(gathered)
  const order = [...lines.keys()]
  const at = (place: Place, problem: Unlined): Problem => {
    const source = lines.get(place.file)?.[place.line - 1]
    return { ...problem, ...place, ...(source === undefined ? {} : { source }) }
  }
  const found = [
    ...findings.placed.map(({ place, ...problem }) => at(place, { severity: 'error', ...problem })),
    ...findings.faults.map(({ path, key, ...problem }) =>
      at(placeAt(tree, path, key ? 'key' : 'value'), { ...problem, severity: problem.severity ?? 'error' }),
    ),
    ...findings.absent
      .filter(({ type }) => type === 'missing')
      .map((absent) => at(placeAt(tree, absent.path), warningOf(absent))),
  ]
  return found.sort(
    (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column,
  )
}

function warningOf({ name, path }: Absent): Unlined {
  const what = path.slice(1, 3).join('.')
  if (name.startsWith(NOT_ALLOWED)) {
    return {
      severity: 'warning',
      message: `${what} runs \`${name.slice(NOT_ALLOWED.length)}\`, which is not allowed yet.`,
      hint: 'Read the file, then allow it with `atmosctl trust`.',
    }
  }
  if (name.startsWith('$(')) {
    return {
      severity: 'warning',
      message: `The command ${name} gave nothing, so ${what} cannot be used here.`,
      hint: 'Run it by hand to see why.',
    }
  }
  return {
    severity: 'warning',
    message: `The variable ${name} is not set, so ${what} cannot be used here.`,
    hint: 'Set it in the shell that runs atmosctl, or give `!env NAME` a default.',
  }
}

function linesOf(gathered: Gathered): Map<string, string[]> {
  return new Map(yamlOf(gathered).map(({ path, text }) => [path, text.split(/\r?\n/)]))
}
