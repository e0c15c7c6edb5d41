/** A conversation with a program that answers a JSON line for each line that it is sent. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Said {
  arn?: string
  key?: string
  method?: string
  token?: string
  error?: string
}

/** `ask` sends how many milliseconds the clock is ahead, or what else the program is to know. */
export function talk(command: readonly string[], env: Record<string, string>) {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (line: number | string) => {
    child.stdin.write(`${line}\n`)
    const { value, done } = await lines.next()
    return (done ? { error: 'it ended' } : JSON.parse(value)) as Said
  }
  return { ask, end: () => child.kill() }
}
