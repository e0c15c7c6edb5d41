/** What a command is, and how its arguments are read. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { closest } from '../shared/closest.ts'
import { AuthError } from '../shared/errors.ts'
import { globalOptions } from './globals.ts'
import type { Here } from './here.ts'
import { normalizeIdentity } from './identity.ts'
import type { Completes, Given, OptionSpec } from './option.ts'

export interface Command {
  summary: string
  /** What follows the name in the usage line. */
  usage: string
  options: Readonly<Record<string, OptionSpec>>
  /** Arguments that make sense as they stand, after the command's name; shown by its help. */
  examples?: readonly string[]
  /** What the words after the name can be completed to. */
  words?: Completes
  /** Whether everything from the first word on belongs to another program, or only what comes after `--`. */
  passesOn?: 'words' | 'after --'
  /** Runs the command; resolves to the exit code. */
  run(here: Here, given: Given): Promise<number>
}

export const identityOption = {
  identity: {
    type: 'string',
    short: 'i',
    value: '[NAME]',
    values: 'identity',
    help: 'identity; without NAME, choose from a list; off: none',
  },
  tags: {
    type: 'string',
    multiple: true,
    value: 'TAG[,TAG]',
    values: 'tag',
    help: 'the identity that has one of these tags',
  },
} as const

export function formatOption(formats: readonly string[]) {
  return {
    format: {
      type: 'string',
      short: 'f',
      value: 'FORMAT',
      values: formats,
      help: formats.join(', '),
    },
  } as const
}

/** The arguments of a command, or of none with an empty name. Usage where they do not fit it. */
export function readArguments(
  name: string,
  command: Pick<Command, 'options' | 'passesOn'>,
  argv: readonly string[],
): Given {
  const [own, passed] = command.passesOn ? divide(command, argv) : [argv, []]
  try {
    const { values, positionals } = parseArgs({
      args: normalized(command, own),
      options: parseOptions(command),
      allowPositionals: true,
      strict: true,
    })
    const found = values as Record<string, string | string[] | boolean | undefined>
    return {
      text: (option) => [found[option]].flat().at(-1) as string | undefined,
      list: (option) => [found[option] ?? []].flat() as string[],
      flag: (option) => found[option] === true,
      words: [...positionals, ...passed],
      passed,
    }
  } catch (error) {
    const [message = ''] = (error as Error).message.split(/\.\s/)
    const close = closeOption(message, optionsOf(command))
    const see = `See \`${['atmosctl', ...(name ? [name] : []), '--help'].join(' ')}\`.`
    throw new AuthError('Usage', `${message.replace(/\.$/, '')}.`, {
      hint: close ? `Did you mean ${close}? ${see}` : see,
    })
  }
}

/** Every option of a command: its own, and those that all have. */
export function optionsOf(command: Pick<Command, 'options'>): Readonly<Record<string, OptionSpec>> {
  return { ...globalOptions, ...command.options }
}

/** The option that was meant by the one that a message calls unknown. */
function closeOption(message: string, options: Readonly<Record<string, OptionSpec>>): string | undefined {
  const written = /^Unknown option '--([^'=]+)/.exec(message)?.[1]
  const close = written === undefined ? undefined : closest(written, Object.keys(options))
  return close && `--${close}`
}

function parseOptions(command: Pick<Command, 'options'>): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(optionsOf(command)).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...(short === undefined ? {} : { short }) },
    ]),
  )
}

/** Options whose value may be left out, with the value that this means. */
function normalized(command: Pick<Command, 'options'>, argv: readonly string[]): string[] {
  const options = optionsOf(command)
  return normalizeIdentity(argv).map((argument) => {
    const bare = argument.startsWith('--') ? options[argument.slice(2)]?.bare : undefined
    return bare === undefined ? argument : `${argument}=${bare}`
  })
}

/** `exec -i dev aws --version`: options of ours end at `--`, or at the first word that is no option or its value. */
function divide(
  command: Pick<Command, 'options' | 'passesOn'>,
  argv: readonly string[],
): [readonly string[], readonly string[]] {
  const takesValue = (argument: string) => {
    const name = argument.replace(/^--?/, '')
    const spec = Object.entries(optionsOf(command)).find(
      ([key, { short }]) => key === name || short === name,
    )?.[1]
    return spec?.type === 'string' && spec.bare === undefined
  }
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? ''
    if (argument === '--') return [argv.slice(0, index), argv.slice(index + 1)]
    if (!argument.startsWith('-') && command.passesOn === 'words')
      return [argv.slice(0, index), argv.slice(index)]
    const next = argv[index + 1]
    if (takesValue(argument) && next !== undefined && !next.startsWith('-')) index += 1
  }
  return [argv, []]
}

/** The one of `formats` that was asked for, or the first. */
export function chosenFormat<F extends string>(given: Given, formats: readonly [F, ...F[]]): F {
  const wanted = given.text('format') ?? formats[0]
  const found = formats.find((format) => format === wanted)
  if (found) return found
  throw new AuthError('Usage', `There is no format "${wanted}".`, { hint: `Formats: ${formats.join(', ')}.` })
}
