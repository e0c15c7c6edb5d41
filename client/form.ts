/** Questions on the terminal, one line each. Esc and Ctrl-C at any of them throw LoginCancelled. */
import type { Writable } from 'node:stream'
import { AuthError } from '../shared/errors.ts'
import type { Here } from './here.ts'

export interface Field {
  label: string
  secret?: boolean
  /** What an empty answer means. */
  usual?: string
  /** What is wrong with an answer, if anything. */
  wrong?(answer: string): string | undefined
}

/** The answer to one question, without space around it. */
export async function ask(here: Here, { label, secret, usual, wrong }: Field): Promise<string> {
  const { isCancel, password, text } = await import('@clack/prompts')
  const output = here.promptStream() as Writable
  const shown = usual ? { placeholder: usual, defaultValue: usual } : {}
  const validate = (typed: string | undefined) => wrong?.(typed?.trim() || (usual ?? ''))
  const answer = await (secret
    ? password({ message: label, output, validate })
    : text({ message: label, output, validate, ...shown }))
  if (isCancel(answer)) throw new AuthError('LoginCancelled', 'Cancelled.')
  return (answer ?? '').trim()
}

/** A yes or no; no unless it is said. */
export async function confirm(here: Here, message: string): Promise<boolean> {
  const { isCancel, confirm: prompt } = await import('@clack/prompts')
  const answer = await prompt({ message, output: here.promptStream() as Writable, initialValue: false })
  if (isCancel(answer)) throw new AuthError('LoginCancelled', 'Cancelled.')
  return answer
}
