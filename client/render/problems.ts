import type { Problem } from '../../shared/replies.ts'
import type { Paint } from '../style.ts'

/** Each problem with its place, so that an editor or a terminal can jump to it. */
export function problemList(problems: readonly Problem[], paint: Paint): string {
  return problems
    .map(({ severity, message, hint, file, line, column }) => {
      const place = paint('bold', `${file}:${line}:${column}`)
      const grade = severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning')
      return `${place}  ${grade}\n  ${message}\n${hint ? `  ${paint('dim', hint)}\n` : ''}`
    })
    .join('')
}
