/** Faults as problems for people: each at its place, with the line that it stands in. Pure. */
import type { Problem } from '../../shared/replies.ts'
import { unusable } from '../graph/missing.ts'
import type { Fault } from '../graph/node.ts'
import { type Gathered, yamlOf } from './gather.ts'
import { type Absent, type MapTree, type Path, type Place, placeAt } from './tree.ts'
import type { PlacedFault } from './yaml-file.ts'

type Unlined = Omit<Problem, 'file' | 'line' | 'column' | 'source'>

export interface Findings {
  /** At paths of the merged configuration. */
  faults: readonly Fault[]
  /** At places that are known already. */
  placed: readonly PlacedFault[]
  absent: readonly Absent[]
  /** Whether what has no value there leaves something open that nothing else may decide. */
  decisive(path: Path): boolean
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
      .filter(({ missing }) => missing.type !== 'broken')
      .map(({ path, missing }) => {
        const severity = findings.decisive(path) ? 'error' : 'warning'
        const what = path.slice(1, severity === 'error' ? undefined : 3).join('.')
        return at(placeAt(tree, path), { severity, ...unusable(missing, what) })
      }),
  ]
  return found.sort(
    (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column,
  )
}

function linesOf(gathered: Gathered): Map<string, string[]> {
  return new Map(yamlOf(gathered).map(({ path, text }) => [path, text.split(/\r?\n/)]))
}
