import type { AuthError } from '../shared/errors.ts'
import type { Problem } from '../shared/replies.ts'
import { firstProblems } from './render/problems.ts'
import { painter } from './style.ts'

/**
 * A failure for people: what happened, and what to do. A faulty configuration shows its first problems, with paths
 * as seen from the directory `from`.
 */
export function complaint(failure: AuthError, color: boolean, from?: string): string {
  const paint = painter(color)
  const problems = (failure.details?.problems ?? []) as Problem[]
  const hint = failure.hint ? `  ${failure.hint}\n` : ''
  const shown = firstProblems(problems, { paint, from })
  return `${shown}${paint('red', 'atmosctl:')} ${failure.message}\n${hint}`
}
