/** Variables in the forms that shells and tools read. A value that a form cannot hold is a Usage error, never a broken line. */
import { AuthError } from '../../shared/errors.ts'
import type { Environment } from '../environment/change.ts'

export const variableFormats = ['bash', 'fish', 'powershell', 'dotenv', 'env', 'json', 'github'] as const
export type VariableFormat = (typeof variableFormats)[number]

type Pair = readonly [name: string, value: string]

interface Form {
  /** A line that takes away what would win over the credentials, where the form has one. */
  unset?(names: readonly string[]): string
  /** A line, or several, that set one variable. Undefined where the form cannot hold the value. */
  set(pair: Pair, unguessable: () => string): string | undefined
}

const forms: Record<Exclude<VariableFormat, 'json'>, Form> = {
  bash: {
    unset: (names) => `unset ${names.join(' ')}`,
    set: ([name, value]) => `export ${name}=${posix(value)}`,
  },
  fish: {
    unset: (names) => `set -e -g ${names.join(' ')}`,
    set: ([name, value]) => `set -gx ${name} '${value.replace(/['\\]/g, '\\$&')}'`,
  },
  powershell: {
    unset: (names) => `Remove-Item -ErrorAction Ignore ${names.map((name) => `Env:${name}`).join(', ')}`,
    // PowerShell takes typographic quotes for quotes as well (about_Quoting_Rules).
    set: ([name, value]) => `$env:${name} = '${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`,
  },
  dotenv: { set: ([name, value]) => withValue(name, dotenv(value)) },
  env: { set: ([name, value]) => withValue(name, /[\r\n]/.test(value) ? undefined : value) },
  github: {
    set([name, value], unguessable) {
      if (value.endsWith('\r')) return undefined // the runner would take it for a part of the line's end
      if (!/[\r\n]/.test(value)) return `${name}=${value}`
      // Whoever writes a value must not be able to end it and begin another variable.
      const end = `ATMOSD_${unguessable()}`
      return `${name}<<${end}\n${value}\n${end}`
    },
  },
}

/** `unguessable` gives random text. Usage where a name or a value cannot be written. */
export function variables(
  { set, unset }: Environment,
  format: VariableFormat,
  unguessable: () => string,
): string {
  const pairs = Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const pair of pairs) check(pair)
  if (format === 'json') return `${JSON.stringify(Object.fromEntries(pairs), null, 2)}\n`
  const form = forms[format]
  const lines = pairs.map((pair) => form.set(pair, unguessable) ?? cannotHold(format, pair))
  return [...(form.unset ? [form.unset(unset)] : []), ...lines].map((line) => `${line}\n`).join('')
}

function check(pair: Pair): void {
  const [name, value] = pair
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new AuthError('Usage', `"${name}" is no name of a variable.`)
  if (value.includes('\0')) cannotHold('an environment', pair)
}

function cannotHold(format: string, [name]: Pair): never {
  const where = format === 'an environment' ? format : `the format ${format}`
  throw new AuthError('Usage', `The value of ${name} cannot be written in ${where}.`, {
    hint: 'Take a character out of it, or choose another format: bash, fish and json hold anything.',
  })
}

function withValue(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name}=${value}`
}

/** What no shell looks at twice; a leading `=` is a command's path to zsh, and `%` a job to others. */
function plain(value: string): string | undefined {
  return /^[\w@+:,./-]+$/.test(value) ? value : undefined
}

/** As a POSIX shell reads it back. What linters take for a slip in single quotes stands outside of them. */
function posix(value: string): string {
  const quoted = value.replace(/['$`\\~]/g, `'\\$&'`).replace(/[\u2018-\u201b]/g, `'"$&"'`)
  return plain(value) ?? `'${quoted}'`
}

/**
 * As shells, Node, docker compose and others all read it: in single quotes nothing is special but the quote, which
 * each of them escapes in its own way, and a backslash before it; in double quotes most things are.
 */
function dotenv(value: string): string | undefined {
  if (value.includes('\r')) return undefined
  if (!/'|\\$/.test(value)) return plain(value) ?? `'${value}'`
  return /["\\$`]/.test(value) ? undefined : `"${value}"`
}
