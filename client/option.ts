/** What can be completed from the names that the daemon or the file system knows. */
export type NameSource = 'identity' | 'provider' | 'integration' | 'tag' | 'profile' | 'file' | 'directory'

/** What an option's value can be completed to: fixed words, or such names. */
export type Completes = readonly string[] | NameSource

export interface OptionSpec {
  type: 'string' | 'boolean'
  short?: string
  multiple?: boolean
  help: string
  /** What stands for the value in the help; in brackets where it may be left out, with `=` where it must be joined. */
  value?: string
  values?: Completes
  /** The value that is meant where none is given; one is given by `=` alone then, so that no word is taken for it. */
  bare?: string
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

/** The items of values that may each have several, separated by commas. */
export function commaSeparated(values: readonly string[]): string[] {
  return values.flatMap((items) => items.split(',').map((item) => item.trim())).filter((item) => item !== '')
}
