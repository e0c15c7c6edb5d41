/** From arguments to the command that they name. */
import { AuthError } from '../shared/errors.ts'
import { VERSION } from '../shared/version.ts'
import { type Command, identityOption, readArguments } from './command.ts'
import { globalOptions, leadingOptions, withGlobals } from './globals.ts'
import type { Here } from './here.ts'
import { mistyped } from './mistakes.ts'
import { painter } from './style.ts'

export type Commands = Readonly<Record<string, Command>>

/** What shells call when a person asks them to complete a command line. */
export const COMPLETE = '__complete'

/** What docker-credential-atmos calls; its words are those of Docker's protocol. */
export const DOCKER_CREDENTIAL = '__docker-credential'

/** May stand before a command's name: what every command has, and what most have. */
const leading = { ...globalOptions, ...identityOption }

/** Runs what the arguments ask for; resolves to the exit code. `auth X` is X. */
export async function dispatch(here: Here, commands: Commands, argv: readonly string[]): Promise<number> {
  if (argv[0] === COMPLETE) {
    const { complete } = await import('./completion/complete.ts')
    return complete(here, commands, argv.slice(1))
  }
  if (argv[0] === DOCKER_CREDENTIAL) {
    const { dockerCredential } = await import('./docker/credential-helper.ts')
    return dockerCredential(here, argv.slice(1))
  }
  const start = leadingOptions(argv, leading)
  const before = argv.slice(0, start)
  const after = argv.slice(start + 1)
  const name = argv[start]
  if (name === 'auth') return dispatch(here, commands, [...before, ...after])
  if (before.includes('--version')) return print(here, `atmosctl ${VERSION}\n`)
  if (name === undefined || name === 'help') return help(here, commands, before, after)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw unknown(before, name, commands)
  const given = readArguments(name, command, [...before, ...after])
  const there = withGlobals(here, given)
  if (given.flag('help')) return help(there, commands, [], [name])
  if (given.text('chdir') !== undefined) enter(there)
  return command.run(there, given)
}

function enter({ enter, cwd }: Here): void {
  try {
    enter(cwd)
  } catch {
    throw new AuthError('Usage', `There is no directory ${cwd}.`, { hint: 'See --chdir.' })
  }
}

async function help(
  here: Here,
  commands: Commands,
  before: readonly string[],
  after: readonly string[],
): Promise<number> {
  const given = readArguments('', { options: leading }, [...before, ...after])
  const { helpOf } = await import('./help.ts')
  const [topic] = given.words.filter((word) => word !== 'auth')
  return print(here, helpOf(topic, commands, painter(withGlobals(here, given).color)))
}

/** An option that nobody knows explains best why the word after it is no command. */
function unknown(before: readonly string[], name: string, commands: Commands): AuthError {
  readArguments('', { options: leading }, before)
  return new AuthError('Usage', `There is no command "${name}".`, {
    hint: mistyped(name, Object.keys(commands)),
  })
}

function print(here: Here, text: string): number {
  here.out(text)
  return 0
}
