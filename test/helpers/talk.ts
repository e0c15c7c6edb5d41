/** A conversation with a program that answers a JSON line for each line that it is sent. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Said {
  arn?: string
  key?: string
  secret?: string
  token?: string
  account?: string
  expiresAt?: number
  method?: string
  /** What a cluster answered. */
  status?: number
  error?: string
}

export interface Talk {
  /** Sends a line, such as how many milliseconds the clock is ahead. Throws where the program has ended. */
  ask(line?: string | number): Promise<Said>
  end(): void
}

export function talk([program = '', ...args]: readonly string[], env: Record<string, string>): Talk {
  return talkTo(spawn(program, args, { env }))
}

/** With a program that has been started. */
export function talkTo(child: ChildProcess): Talk {
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  return {
    async ask(line = '') {
      child.stdin?.write(`${line}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`the program ended: ${errors}`)
      return JSON.parse(value) as Said
    },
    end: () => void child.kill(),
  }
}
