/** A profile of AWS's configuration that gets its credentials from here. Pure. */
import type { SameAgain } from '../standing.ts'
import { fitsLine, word } from './words.ts'

export interface Profile {
  name: string
  region: string | undefined
  /** Program and arguments that print the credential. */
  command: readonly string[]
}

/** One that asks `self`, the absolute path of atmosctl; `env` sets what has no option. */
export function profileOf(
  { name, region }: { name: string; region?: string },
  self: string,
  { words, variables }: SameAgain,
): Profile {
  const set = variables.map(([variable, value]) => `${variable}=${value}`)
  const command = [...(set.length > 0 ? ['env', ...set] : []), self, 'credential-process', ...words]
  return { name, region, command }
}

/** Why a profile cannot be written, if so. */
export function unwritable({ name, command }: Profile): string | undefined {
  if (/[[\]]/.test(name)) return 'its name has a bracket'
  return [name, ...command].every(fitsLine) ? undefined : 'its name or its place has a line break'
}

/** Lines without their ends. */
export function profileLines({ name, region, command }: Profile): string[] {
  return [
    `[profile ${word(name)}]`,
    `credential_process = ${command.map(word).join(' ')}`,
    ...(region === undefined ? [] : [`region = ${region}`]),
  ]
}
