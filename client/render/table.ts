/** Rows in columns. Cells may hold colour. */
import { cut, pad, width } from './width.ts'

const GAP = '  '
/** Columns that a cell keeps while others can be cut. */
const LEAST = 5

/** Rows under headings, within `widest` columns: the widest cells are cut first, those of `firm` columns last. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  widest = Number.POSITIVE_INFINITY,
  firm: readonly number[] = [],
): string {
  return columns([headings, ...rows], widest, firm)
}

/** Rows in columns as wide as they need be, or as there is room for. */
export function columns(
  rows: readonly (readonly string[])[],
  widest = Number.POSITIVE_INFINITY,
  firm: readonly number[] = [],
): string {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const natural = Array.from({ length: count }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, width(row[column] ?? '')), 0),
  )
  const widths = fitted(natural, widest - GAP.length * (count - 1), firm)
  const line = (row: readonly string[]) =>
    widths
      .map((wide, column) => pad(cut(row[column] ?? '', wide), wide))
      .join(GAP)
      .trimEnd()
  return rows.map((row) => `${cut(line(row), widest)}\n`).join('')
}

/** Widths that together take no more than `room`, where that leaves each at least one column. */
function fitted(natural: readonly number[], room: number, firm: readonly number[]): number[] {
  const widths = [...natural]
  const widest = (among: readonly number[]) =>
    among.reduce((one, other) => ((widths[other] ?? 0) >= (widths[one] ?? 0) ? other : one), among[0] ?? 0)
  const all = [...widths.keys()]
  const soft = all.filter((column) => !firm.includes(column))
  for (let excess = widths.reduce((sum, wide) => sum + wide, 0) - room; excess > 0; excess--) {
    const first = widest(soft)
    const column = (widths[first] ?? 0) > LEAST ? first : widest(all)
    if ((widths[column] ?? 0) <= 1) break
    widths[column] = (widths[column] ?? 0) - 1
  }
  return widths
}

/** Labels and values, one pair a line; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const shown = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined)
  const widest = Math.max(...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => `  ${label.padEnd(widest)}  ${value}\n`).join('')
}
