/** A selection as a Markdown document, in the dialect that GitHub shows (https://github.github.com/gfm). */
import { mermaid } from './mermaid.ts'
import { type Section, sectionsOf } from './sections.ts'
import type { Selection } from './selection.ts'

/** A heading, a table a section, and the graph. */
export function markdown(selection: Selection, now: number): string {
  const sections = sectionsOf(selection, now)
  if (sections.length === 0) return '# Atmos Auth\n\nThere is nothing to list.\n'
  const graph = `## Graph\n\n\`\`\`mermaid\n${mermaid(selection, now)}\`\`\`\n`
  return ['# Atmos Auth\n', ...sections.map(sectionText), graph].join('\n')
}

function sectionText({ title, headings, rows }: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  const rule = line(headings.map(() => '---'))
  const lines = rows.map(({ cells }) => line(cells.map(escaped)))
  return `## ${title}\n\n${line(headings)}${rule}${lines.join('')}`
}

/** Text that means itself in a table's cell. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>&|~]/g, '\\$&')
}
