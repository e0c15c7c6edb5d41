/** Variables in the forms that shells and tools read. */
import type { Environment } from '../environment.ts'

export const variableFormats = ['bash', 'json', 'dotenv'] as const
export type VariableFormat = (typeof variableFormats)[number]

const renderers: Record<VariableFormat, (environment: Environment) => string> = {
  // For `eval "$(atmosctl env)"`: what would win over the credentials is taken away as well.
  bash: ({ set, unset }) =>
    [
      `unset ${unset.join(' ')}`,
      ...sorted(set).map(([name, value]) => `export ${name}=${quoted(value)}`),
      '',
    ].join('\n'),
  json: ({ set }) => `${JSON.stringify(Object.fromEntries(sorted(set)), null, 2)}\n`,
  dotenv: ({ set }) =>
    sorted(set)
      .map(([name, value]) => `${name}=${quoted(value)}\n`)
      .join(''),
}

export function variables(environment: Environment, format: VariableFormat): string {
  return renderers[format](environment)
}

function sorted(set: Environment['set']): [string, string][] {
  return Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** As a POSIX shell reads it back; plain where it can be. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
