/** What a command is, and how its arguments are read. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { AuthError } from '../shared/errors.ts'
import type { Here } from './here.ts'
import { normalizeIdentity } from './identity.ts'

type OptionSpecs = NonNullable<ParseArgsConfig['options']>

export interface Command {
  summary: string
  /** What follows the name in the usage line. */
  usage: string
  options: Readonly<Record<string, OptionSpecs[string] & { help: string; value?: string }>>
  /** Where everything from the first word on belongs to another program. */
  passesOn?: boolean
  /** Runs the command; resolves to the exit code. */
  run(here: Here, given: Given): Promise<number>
}

export interface Given {
  text(option: string): string | undefined
  flag(option: string): boolean
  words: string[]
}

export const identityOption = {
  identity: {
    type: 'string',
    short: 'i',
    value: '[NAME]',
    help: 'identity; without NAME, choose from a list',
  },
} as const

export function formatOption(formats: readonly string[]) {
  return {
    format: { type: 'string', short: 'f', value: formats.join('|'), help: `output format (${formats[0]})` },
  } as const
}

/** The arguments of a command. Usage where they do not fit it. */
export function readArguments(name: string, command: Command, argv: readonly string[]): Given {
  const [own, passed] = command.passesOn ? divide(command, argv) : [argv, []]
  try {
    const options = Object.fromEntries(
      Object.entries(command.options).map(([key, { help: _, value: __, ...spec }]) => [key, spec]),
    )
    const { values, positionals } = parseArgs({
      args: normalizeIdentity(own),
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    })
    const found = values as Record<string, unknown>
    return {
      text: (option) => found[option] as string | undefined,
      flag: (option) => found[option] === true,
      words: [...positionals, ...passed],
    }
  } catch (error) {
    const [message = ''] = (error as Error).message.split('. ')
    throw new AuthError('Usage', `${message.replace(/\.$/, '')}.`, {
      hint: `See \`atmosctl ${name} --help\`.`,
    })
  }
}

/** `exec -i dev aws --version`: options of ours end at `--`, or at the first word that is no option or its value. */
function divide(command: Command, argv: readonly string[]): [readonly string[], readonly string[]] {
  const takesValue = (argument: string) => {
    const name = argument.replace(/^--?/, '')
    const spec = Object.entries(command.options).find(
      ([key, { short }]) => key === name || short === name,
    )?.[1]
    return spec?.type === 'string'
  }
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? ''
    if (argument === '--') return [argv.slice(0, index), argv.slice(index + 1)]
    if (!argument.startsWith('-')) return [argv.slice(0, index), argv.slice(index)]
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
