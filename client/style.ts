import { styleText } from 'node:util'

export type Look = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Paints text where colour is wanted, and leaves it as it is elsewhere. */
export type Paint = (look: Look, text: string) => string

export function painter(color: boolean): Paint {
  return (look, text) => (color ? styleText(look, text, { validateStream: false }) : text)
}

/** Whether a stream gets colour (https://no-color.org, https://force-color.org). */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true
  return isTerminal && env.TERM !== 'dumb'
}
