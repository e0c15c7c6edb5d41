/** A profile of AWS's configuration that gets its credentials from here. Pure. */
import { fitsLine, word } from './words.ts'

export interface Profile {
  name: string
  region: string | undefined
  /** Program and arguments that print the credential. */
  command: readonly string[]
}

/** Where a configuration is found again, from any directory. */
export interface Place {
  /** Absolute path of atmosctl. */
  self: string
  directory: string
  config: readonly string[]
  configPath: readonly string[]
  profiles: readonly string[]
}

export function profileOf({ name, region }: { name: string; region?: string }, place: Place): Profile {
  const each = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value])
  const identity = name.startsWith('-') ? [`--identity=${name}`] : ['-i', name]
  const { self, directory, config, configPath, profiles } = place
  const where = [
    ...each('--chdir', [directory]),
    ...each('--config', config),
    ...each('--config-path', configPath),
    ...each('--profile', profiles.length > 0 ? [profiles.join(',')] : []),
  ]
  return { name, region, command: [self, 'credential-process', ...identity, ...where] }
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
