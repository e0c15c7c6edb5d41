/** A conversation with a program that answers a JSON line for each line that it is sent. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Said {
  arn?: string
  key?: string
  method?: string
  error?: string
}

/** `ask` sends how many milliseconds the clock is ahead. */
export function talk(command: readonly string[], env: Record<string, string>) {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (ahead: number) => {
    child.stdin.write(`${ahead}\n`)
    const { value, done } = await lines.next()
    return (done ? { error: 'it ended' } : JSON.parse(value)) as Said
  }
  return { ask, end: () => child.kill() }
}
