/** What a validation comes to: the summary for people, everything for programs. */
import type { Problem, WorkspaceReply } from '../../shared/replies.ts'
import type { Paint } from '../style.ts'
import { withoutSecrets } from './excerpt.ts'
import { placeOf } from './place.ts'
import { inOrder } from './problems.ts'

export interface Counts {
  errors: number
  warnings: number
  providers: number
  identities: number
  integrations: number
}

export function countsOf({ problems, providers, identities, integrations = [] }: WorkspaceReply): Counts {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  return {
    errors,
    warnings: problems.length - errors,
    providers: providers.length,
    identities: identities.length,
    integrations: integrations.length,
  }
}

/** One line: whether the configuration is valid, and how many of what there are. */
export function verdict(reply: WorkspaceReply, paint: Paint, from: string | undefined): string {
  const { errors, warnings, ...nodes } = countsOf(reply)
  const found = [...counted(errors, 'error'), ...counted(warnings, 'warning')].join(' and ')
  if (errors > 0) return `${paint('red', '✗')} ${found} in ${whereOf(reply, from)}\n`
  const there = Object.entries(nodes).filter(([role, count]) => count > 0 || role !== 'integrations')
  const what = there.map(([role, count]) => `${role}: ${count}`).join(', ')
  const but = warnings > 0 ? `, with ${found}` : ''
  return `${paint('green', '✓')} ${placeOf(reply.file, from)} is valid${but} (${what})\n`
}

/** Keys never change; `source` is the line without its secrets. */
export function verdictJson(reply: WorkspaceReply): string {
  const counts = countsOf(reply)
  const record = {
    valid: counts.errors === 0,
    file: reply.file,
    files: reply.files ?? [reply.file],
    problems: inOrder(reply.problems).map(problemRecord),
    counts,
  }
  return `${JSON.stringify(record, null, 2)}\n`
}

function problemRecord({ severity, file, line, column, message, hint, source }: Problem): object {
  return {
    severity,
    file,
    line,
    column,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(source === undefined ? {} : { source: withoutSecrets(source) }),
  }
}

function counted(count: number, noun: string): string[] {
  return count > 0 ? [`${count} ${noun}${count === 1 ? '' : 's'}`] : []
}

function whereOf({ problems, file }: WorkspaceReply, from: string | undefined): string {
  const files = new Set(problems.map((problem) => problem.file))
  const [only = file] = files
  return files.size > 1 ? `${files.size} files` : placeOf(only, from)
}
