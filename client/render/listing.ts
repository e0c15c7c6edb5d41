/** A selection as tables. */
import { dot, painted } from './life.ts'
import { type Row, type Section, sectionsOf } from './sections.ts'
import type { Selection } from './selection.ts'
import type { Shown } from './shown.ts'
import { table } from './table.ts'

/** One table a section; empty sections are left out. Names and what is left are the last to be cut. */
export function listingTable(selection: Selection, shown: Shown): string {
  return sectionsOf(selection, shown.now)
    .map((section) => `${shown.paint('bold', section.title.toUpperCase())}\n${sectionTable(section, shown)}`)
    .join('\n')
}

function sectionTable({ headings, rows }: Section, { paint, columns }: Shown): string {
  const live = rows.some(({ life }) => life !== undefined)
  const at = headings.indexOf('Expires')
  const firm = [1, at + 1]
  const cells = ({ life, cells }: Row) =>
    life === undefined
      ? cells
      : [dot(life, paint), ...cells.map((cell, index) => (index === at ? painted(life, cell, paint) : cell))]
  const titles = headings.map((heading) => heading.toUpperCase())
  return table(live ? ['', ...titles] : titles, rows.map(cells), columns, live ? firm : [0])
}
