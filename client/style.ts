import { styleText } from 'node:util'

export type Look = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Paints text where colour is wanted, and leaves it as it is elsewhere. */
export type Paint = (look: Look, text: string) => string

type Env = Readonly<Record<string, string | undefined>>

export function painter(color: boolean): Paint {
  return (look, text) => (color ? styleText(look, text, { validateStream: false }) : text)
}

/** Whether a stream gets colour (https://no-color.org, https://force-color.org). */
export function wantsColor(env: Env, isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return !/^(?:0|false)$/i.test(env.FORCE_COLOR)
  return isTerminal && canRedraw(env)
}

/** Whether the terminal understands more than plain lines. */
export function canRedraw({ TERM }: Env): boolean {
  return TERM !== 'dumb'
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told to paint with (ECMA-48, SGR)
const PAINT = /\u001b\[[\d;]*m/g

/** A stream without its colours, for prompts that paint whatever they are told. */
export function withoutColor(stream: NodeJS.WritableStream): NodeJS.WritableStream {
  const write = (chunk: string | Uint8Array, ...rest: []) =>
    stream.write(typeof chunk === 'string' ? chunk.replace(PAINT, '') : chunk, ...rest)
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'write') return write
      const found: unknown = Reflect.get(target, name)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}
