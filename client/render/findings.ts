import type { Finding } from '../doctor/findings.ts'
import type { Paint } from '../style.ts'
import { wrap } from './wrap.ts'

const marks = { ok: ['green', '✓'], note: ['dim', '·'], problem: ['red', '✗'] } as const

/** What is left of 80 columns beside a mark. */
const WIDTH = 76

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
  return `  ${paint(color, mark)} ${wrap(message, WIDTH).join('\n    ')}\n${cure}`
}
