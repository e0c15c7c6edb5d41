/** What `--help` and `help` print: usage, options, examples; never wider than 80 columns. Loaded when it is asked for. */
import { AuthError } from '../shared/errors.ts'
import type { Command } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { globalOptions } from './globals.ts'
import { mistyped } from './mistakes.ts'
import type { OptionSpec } from './option.ts'
import { definitions } from './render/definitions.ts'
import { wrap } from './render/wrap.ts'
import type { Paint } from './style.ts'

type Commands = Readonly<Record<string, Command>>

const WIDTH = 80

/** The help of a command, of `exit-codes`, or of everything. Usage where there is no such thing. */
export function helpOf(topic: string | undefined, commands: Commands, paint: Paint): string {
  if (topic === undefined) return overview(commands, paint)
  if (topic === 'exit-codes') return exitCodes(paint)
  const command = Object.hasOwn(commands, topic) ? commands[topic] : undefined
  if (command) return commandHelp(topic, command, paint)
  throw new AuthError('Usage', `There is no help on "${topic}".`, {
    hint: mistyped(topic, [...Object.keys(commands), 'exit-codes'], 'atmosctl help '),
  })
}

function overview(commands: Commands, paint: Paint): string {
  const summaries = Object.entries(commands).map(([name, { summary }]) => [name, `${summary}.`] as const)
  return [
    'Usage: atmosctl COMMAND [OPTION …]\n',
    section('Commands', definitions(summaries, WIDTH), paint),
    section('Options of every command', definitions(optionRows(globalOptions), WIDTH), paint),
    lines([
      '`atmosctl help COMMAND` tells more, `atmosctl help exit-codes` what they mean.',
      '`atmosctl auth COMMAND` is the same as `atmosctl COMMAND`.',
    ]),
  ].join('\n')
}

function commandHelp(name: string, command: Command, paint: Paint): string {
  const { summary, usage, options, examples = [] } = command
  const parts = [
    lines(wrap(`${summary}.`, WIDTH)),
    lines(hanging(`Usage: atmosctl ${name} `, usage.trim().split(/ (?![^[]*\])/))),
    section('Options', definitions(optionRows(options), WIDTH), paint),
    section('Options of every command', lines(globalNames()), paint),
    section('Examples', lines(examples.map((example) => `  atmosctl ${name} ${example}`.trimEnd())), paint),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

/** The global options in a few lines; the overview explains them. */
function globalNames(): string[] {
  const names = Object.entries(globalOptions).map(([name, spec]) => written(name, spec))
  return hanging(
    '  ',
    names.map((name, index) => (index < names.length - 1 ? `${name},` : name)),
  )
}

function optionRows(options: Readonly<Record<string, OptionSpec>>): [string, string][] {
  return Object.entries(options).map(([name, spec]) => [
    `${spec.short ? `-${spec.short}, ` : '    '}${written(name, spec)}`,
    spec.help,
  ])
}

function written(name: string, { value = '' }: OptionSpec): string {
  return `--${name}${/^(?:\[?=|$)/.test(value) ? value : ` ${value}`}`
}

function section(title: string, body: string, paint: Paint): string {
  return body === '' ? '' : `${paint('bold', `${title}:`)}\n${body}`
}

/** Pieces that are not broken themselves, each further line as far in as the first begins. */
function hanging(begin: string, pieces: readonly string[]): string[] {
  const kept = pieces.map((piece) => piece.replaceAll(' ', '\u00a0')).join(' ')
  const indent = ' '.repeat(begin.length)
  return wrap(kept, WIDTH - begin.length).map((line, index) =>
    `${index === 0 ? begin : indent}${line.replaceAll('\u00a0', ' ')}`.trimEnd(),
  )
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}
