/** Problems of a configuration, each with its place, so that an editor or a terminal can jump to it. */
import { printable } from '../../shared/printable.ts'
import type { Problem } from '../../shared/replies.ts'
import type { Paint } from '../style.ts'
import { excerpt } from './excerpt.ts'
import { placeOf } from './place.ts'

export interface ProblemLook {
  paint: Paint
  /** Where paths are seen from; absolute without it. */
  from?: string | undefined
  columns?: number | undefined
}

/** All problems by file, line and column. */
export function problemList(problems: readonly Problem[], look: ProblemLook): string {
  return inOrder(problems)
    .map((problem) => problemText(problem, look))
    .join('')
}

/** At most `most` problems, errors before warnings, and how many more there are. */
export function firstProblems(problems: readonly Problem[], look: ProblemLook, most = 10): string {
  const ordered = inOrder(problems)
  const errors = ordered.filter(({ severity }) => severity === 'error')
  const warnings = ordered.filter(({ severity }) => severity !== 'error')
  const first = [...errors, ...warnings].slice(0, most)
  const more = problems.length - first.length
  const rest = more > 0 ? `… and ${more} more: \`atmosctl validate\` shows all.\n` : ''
  return `${problemList(first, look)}${look.paint('dim', rest)}`
}

export function inOrder(problems: readonly Problem[]): Problem[] {
  const files = (one: string, other: string) => (one < other ? -1 : Number(one > other))
  return [...problems].sort((a, b) => files(a.file, b.file) || a.line - b.line || a.column - b.column)
}

function problemText(problem: Problem, { paint, from, columns = 80 }: ProblemLook): string {
  const { severity, message, hint, file, line, column, source } = problem
  const place = paint('bold', `${placeOf(file, from)}:${line}:${column}`)
  const grade = severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning')
  const seen = source?.trim() ? excerpt({ source, line, column }, columns, paint) : ''
  const advice = hint ? `  ${paint('dim', shown(hint))}\n` : ''
  return `${place}  ${grade}\n${seen}  ${shown(message)}\n${advice}`
}

/** Names of the file stand in messages, and may hold what moves a terminal's cursor. */
function shown(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, Number.POSITIVE_INFINITY))
    .join('\n  ')
}
