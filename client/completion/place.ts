/** Where in a command line the word stands that is to be completed, by the commands' own definitions. Pure. */
import { type Command, identityOption, optionsOf } from '../command.ts'
import { globalOptions } from '../globals.ts'
import type { Completes, Given, OptionSpec } from '../option.ts'

type Commands = Readonly<Record<string, Command>>
type Options = Readonly<Record<string, OptionSpec>>

export type Place =
  /** The word belongs to a program whose name is the word number `first`. */
  | { type: 'program'; first: number }
  /** Its text from `from` on is a value, a word or an item of a list. */
  | { type: 'value'; completes: Completes; from: number; given: Given }
  | { type: 'names'; names: readonly (readonly [name: string, meaning: string])[] }

interface Walk {
  command?: Command
  options: Options
  /** What the options before the word were given. */
  found: Map<string, string[]>
  words: string[]
  /** The option whose value the next word is; `optional` where the next word may also be something else. */
  awaits?: { name: string; spec: OptionSpec; optional: boolean }
  /** No options after `--`. */
  ended: boolean
}

/** `words` are those after the program's name, without quotes; the last is the one that is completed. */
export function placeOf(commands: Commands, words: readonly string[]): Place {
  const walk: Walk = {
    options: { ...globalOptions, ...identityOption },
    found: new Map(),
    words: [],
    ended: false,
  }
  for (const [index, word] of words.slice(0, -1).entries()) {
    const passesWords = walk.command?.passesOn === 'words'
    if (passesWords && startsProgram(walk, word)) return { type: 'program', first: index }
    step(walk, word, commands)
    if (passesWords && walk.ended) return { type: 'program', first: index + 1 }
  }
  const current = words.at(-1) ?? ''
  return valueAt(walk, current) ?? namesAt(walk, current, commands, words.length - 1)
}

function startsProgram({ awaits, ended }: Walk, word: string): boolean {
  return !ended && awaits === undefined && !word.startsWith('-')
}

function step(walk: Walk, word: string, commands: Commands): void {
  const { awaits } = walk
  delete walk.awaits
  if (awaits && !(awaits.optional && word.startsWith('-'))) remember(walk, awaits.name, word)
  else if (word === '--') walk.ended = true
  else if (word.startsWith('-') && !walk.ended) option(walk, word)
  else if (walk.command) walk.words.push(word)
  else enter(walk, word, commands)
}

function enter(walk: Walk, word: string, commands: Commands): void {
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined
  if (!command) {
    if (word !== 'auth') walk.words.push(word)
    return
  }
  walk.command = command
  walk.options = optionsOf(command)
}

function option(walk: Walk, word: string): void {
  const [written = '', value] = split(word)
  const found = Object.entries(walk.options).find(
    ([name, { short }]) => written === `--${name}` || written === `-${short}`,
  )
  if (!found) return
  const [name, spec] = found
  const optional = spec.value?.startsWith('[') ?? false
  const alone = spec.type === 'boolean' || spec.bare !== undefined
  if (value !== undefined || alone || optional) remember(walk, name, value ?? '')
  if (value === undefined && !alone) walk.awaits = { name, spec, optional }
}

function remember({ found }: Walk, name: string, value: string): void {
  found.set(name, [...(found.get(name) ?? []), value])
}

function split(word: string): [string, string?] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

function valueAt(walk: Walk, current: string): Place | undefined {
  const { awaits, options, ended } = walk
  const given = givenBy(walk)
  if (awaits && !(awaits.optional && current.startsWith('-')))
    return valuePlace(awaits.spec, current, 0, given)
  const [written, value] = ended ? [current] : split(current)
  if (value === undefined) return undefined
  const spec = Object.hasOwn(options, written.slice(2)) ? options[written.slice(2)] : undefined
  return valuePlace(spec, current, written.length + 1, given)
}

function valuePlace(spec: OptionSpec | undefined, current: string, from: number, given: Given): Place {
  const items = spec?.multiple && spec.values !== 'file' && spec.values !== 'directory'
  const last = items ? Math.max(from, current.lastIndexOf(',') + 1) : from
  return { type: 'value', completes: spec?.values ?? [], from: last, given }
}

function namesAt(walk: Walk, current: string, commands: Commands, index: number): Place {
  const { command, options, found, words, ended } = walk
  if (current.startsWith('-') && !ended) return { type: 'names', names: optionNames(options, found) }
  if (!command) return { type: 'names', names: words.length > 0 ? [] : commandNames(commands) }
  if (command.passesOn === 'words') return { type: 'program', first: index }
  // What a shell is given after `--` is a script's name more often than not.
  if (command.passesOn && ended) return { type: 'value', completes: 'file', from: 0, given: givenBy(walk) }
  const completes = words.length === 0 ? command.words : undefined
  if (completes !== undefined) return { type: 'value', completes, from: 0, given: givenBy(walk) }
  return { type: 'names', names: ended ? [] : optionNames(command.options, found) }
}

/** Those that have not been given yet, or may be given again; what all commands have comes last. */
function optionNames(options: Options, found: Walk['found']): [string, string][] {
  const common = ([name]: [string, OptionSpec]) => Number(Object.hasOwn(globalOptions, name))
  return Object.entries(options)
    .sort((one, other) => common(one) - common(other))
    .filter(([name, { multiple }]) => multiple || !found.has(name))
    .map(([name, { help }]) => [`--${name}`, help])
}

function commandNames(commands: Commands): [string, string][] {
  return Object.entries(commands).map(([name, { summary }]) => [name, summary])
}

function givenBy({ found, words }: Walk): Given {
  return {
    text: (name) => found.get(name)?.at(-1),
    list: (name) => found.get(name) ?? [],
    flag: (name) => found.has(name),
    words,
    passed: [],
  }
}
