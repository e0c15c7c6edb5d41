/** What an option's value can be completed to: fixed words, or names that the daemon or the file system knows. */
export type Completes = readonly string[] | 'identity' | 'provider' | 'integration' | 'file' | 'directory'

export interface OptionSpec {
  type: 'string' | 'boolean'
  short?: string
  multiple?: boolean
  help: string
  /** What stands for the value in the help. */
  value?: string
  values?: Completes
}

/** What a command was given. */
export interface Given {
  text(option: string): string | undefined
  list(option: string): readonly string[]
  flag(option: string): boolean
  words: string[]
  /** Those of the words that came after `--`, for a command that passes them on. */
  passed: readonly string[]
}
