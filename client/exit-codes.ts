/** Exit codes with their meaning; which failure ends with which is said in shared/errors.ts alone. */
import { failures } from '../shared/errors.ts'
import { definitions } from './render/definitions.ts'
import type { Paint } from './style.ts'

/** `exec` and `shell` end as the program ends that they run; 126 and 127 are what shells say as well. */
export const exitMeanings: Readonly<Record<number, string>> = {
  0: 'Done.',
  1: 'It failed in a way that has no code of its own; `validate` found problems.',
  2: 'The command was not understood: a wrong option, word or value.',
  3: 'The configuration: there is none, it is faulty, or it lacks what was asked for.',
  4: 'Somebody has to sign in, or the sign-in was refused or ran out.',
  5: 'The cloud refused, failed, or could not be reached.',
  6: 'The daemon: it does not run, could not start, or could not be trusted.',
  7: 'The keyring: it is locked, damaged or not there.',
  126: 'The program of `exec` is there and cannot be run.',
  127: 'The program of `exec` was not found.',
  130: 'Cancelled, with Ctrl-C or Esc.',
}

export function exitCodes(paint: Paint): string {
  const rows = Object.entries(exitMeanings).map(([exit, meaning]) => {
    const codes = Object.entries(failures)
      .filter(([, failure]) => failure.exit === Number(exit))
      .map(([code]) => code)
    return [exit.padStart(3), codes.length > 0 ? `${meaning} (${codes.join(', ')})` : meaning] as const
  })
  return `${paint('bold', 'Exit codes')}, and the failures that end with them:\n${definitions(rows, 80)}
\`exec\` otherwise ends as its program does; 128 and more is a signal's number.
`
}
