import type { AuthError } from '../shared/errors.ts'
import type { Problem } from '../shared/replies.ts'
import { problemList } from './render/problems.ts'
import { painter } from './style.ts'

/** A failure for people: what happened, and what to do. A faulty configuration shows all its problems. */
export function complaint(failure: AuthError, color: boolean): string {
  const paint = painter(color)
  const problems = (failure.details?.problems ?? []) as Problem[]
  const hint = failure.hint ? `  ${failure.hint}\n` : ''
  return `${problemList(problems, paint)}${paint('red', 'atmosctl:')} ${failure.message}\n${hint}`
}
