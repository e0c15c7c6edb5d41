import type { Finding } from '../doctor/findings.ts'
import type { Paint } from '../style.ts'

const marks = { ok: ['green', '✓'], note: ['dim', '·'], problem: ['red', '✗'] } as const

/** Findings under what they are about, each with its remedy on a line of its own. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  const groups = [...new Set(findings.map(({ about }) => about))]
  return groups
    .map((group) => {
      const lines = findings.filter(({ about }) => about === group).map((finding) => lineOf(finding, paint))
      return `${paint('bold', group)}\n${lines.join('')}`
    })
    .join('\n')
}

function lineOf({ level, message, remedy }: Finding, paint: Paint): string {
  const [color, mark] = marks[level]
  const cure = remedy === undefined ? '' : `    ${remedy}\n`
  return `  ${paint(color, mark)} ${message}\n${cure}`
}
