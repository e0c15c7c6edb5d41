/** The options that every command has, before or after its name: where it stands and how it behaves. */
import { resolve } from 'node:path'
import { isSwitchedOff } from '../shared/identity.ts'
import type { Here } from './here.ts'
import { commaSeparated, type Given, type OptionSpec } from './option.ts'
import { withoutColor } from './style.ts'

export const globalOptions = {
  chdir: { type: 'string', short: 'C', value: 'DIR', values: 'directory', help: 'work in another directory' },
  config: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    values: 'file',
    help: 'this configuration, and no other',
  },
  'config-path': {
    type: 'string',
    multiple: true,
    value: 'DIR',
    values: 'directory',
    help: 'the configuration in this directory, and no other',
  },
  profile: {
    type: 'string',
    multiple: true,
    value: 'NAME[,NAME]',
    values: 'profile',
    help: 'profiles to put over the configuration',
  },
  interactive: {
    type: 'string',
    bare: 'true',
    value: '=false',
    values: ['true', 'false'],
    help: 'ask nothing',
  },
  'no-color': { type: 'boolean', help: 'no colour' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
} as const satisfies Record<string, OptionSpec>

/** Where the leading options of an argument list end, given all that may stand there: the index of the command's name. */
export function leadingOptions(
  argv: readonly string[],
  options: Readonly<Record<string, OptionSpec>>,
): number {
  const specs = Object.entries(options)
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? ''
    if (!argument.startsWith('-')) return index
    const spec = specs.find(([name, { short }]) => argument === `--${name}` || argument === `-${short}`)?.[1]
    if (spec?.type === 'string' && spec.bare === undefined) index += 1
  }
  return argv.length
}

/** The surroundings of a command with the global options that it was given. */
export function withGlobals(here: Here, given: Given): Here {
  const chdir = given.text('chdir')
  const cwd = resolve(here.cwd, chdir ?? '.')
  const paths = (option: string) => given.list(option).map((path) => resolve(cwd, path))
  const color = here.color && !given.flag('no-color')
  const asking = given.text('interactive') ?? here.env.ATMOS_INTERACTIVE ?? 'true'
  return {
    ...here,
    cwd,
    env: chdir === undefined ? here.env : { ...here.env, PWD: cwd },
    globals: {
      config: paths('config'),
      configPath: paths('config-path'),
      profiles: commaSeparated(given.list('profile')),
    },
    tags: commaSeparated(given.list('tags')),
    color,
    promptStream: () => (color ? here.promptStream() : withoutColor(here.promptStream())),
    interactive: here.interactive && !isSwitchedOff(asking),
  }
}
