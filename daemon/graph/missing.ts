/** What stands in the way of a configured value, and what is said of it. Pure. */
import { AuthError } from '../../shared/errors.ts'

/** A function that cannot be worked out, a command that may not run or gave nothing, or a variable that is not set. */
export interface Missing {
  type: 'broken' | 'untrusted' | 'command' | 'variable'
  /** The variable; the command as it is written; the function's tag. */
  name: string
}

interface Wording {
  code: 'ConfigInvalid' | 'ConfigUntrusted' | 'EnvironmentMissing'
  noun: string
  shown(name: string): string
  /** Follows what is shown. */
  fault: string
  hint: string
}

const command = (text: string) => `\`!exec ${text}\``

/** What is said of each, the gravest first. */
const wordings: Readonly<Record<Missing['type'], Wording>> = {
  broken: {
    code: 'ConfigInvalid',
    noun: 'function',
    shown: (tag) => tag,
    fault: 'has no value',
    hint: 'See `atmosctl validate`.',
  },
  untrusted: {
    code: 'ConfigUntrusted',
    noun: 'command',
    shown: command,
    fault: 'is not allowed',
    hint: 'Read the configuration, then allow its commands with `atmosctl trust`.',
  },
  command: {
    code: 'EnvironmentMissing',
    noun: 'command',
    shown: command,
    fault: 'gave nothing',
    hint: 'Run it by hand to see why.',
  },
  variable: {
    code: 'EnvironmentMissing',
    noun: 'variable',
    shown: (name) => name,
    fault: 'is not set',
    hint: 'Set it in the shell that runs atmosctl, or give `!env NAME` a default.',
  },
}

/** What one missing value makes unusable. */
export function unusable({ type, name }: Missing, what: string): { message: string; hint: string } {
  const { noun, shown, fault, hint } = wordings[type]
  return { message: `The ${noun} ${shown(name)} ${fault}, so ${what} cannot be used here.`, hint }
}

/** Why what needs these values cannot be used: the gravest reason, with all that it goes for. */
export function lacking(needer: string, missing: readonly Missing[]): AuthError {
  const types = Object.keys(wordings) as Missing['type'][]
  const gravest = types.find((type) => missing.some((one) => one.type === type)) ?? 'variable'
  const { code, shown, fault, hint } = wordings[gravest]
  const names = missing.filter(({ type }) => type === gravest).map(({ name }) => shown(name))
  return new AuthError(code, `${needer} needs ${names.join(' and ')}, which ${fault}.`, { hint })
}
