/**
 * HTTP over the unix socket, as little as is needed: `node:http` would cost a fifth of the client's run time.
 * Requests are HTTP/1.0, so that an answer ends with its connection and is never chunked.
 */
import { lstatSync } from 'node:fs'
import { connect } from 'node:net'
import { AuthError } from '../shared/errors.ts'
import { pathsFor } from '../shared/paths.ts'
import { whyNotPrivate } from '../shared/private-directory.ts'
import type { Here } from './here.ts'

export interface Exchange {
  method: 'GET' | 'POST'
  path: string
  body?: unknown
  /** Called with each line of the answer as it comes. */
  onLine?: (line: string) => void
  signal?: AbortSignal
}

export interface Answer {
  status: number
  body: string
}

/**
 * One request to the daemon and its answer. DaemonUnreachable where nobody listens or the connection breaks;
 * UnsafePath where the socket could be somebody else's, since passwords are sent to it.
 */
export async function exchange(here: Here, request: Exchange): Promise<Answer> {
  const { runtime, socket } = pathsFor(here)
  const looked = lstatSync(runtime, { throwIfNoEntry: false })
  const wrong = looked && whyNotPrivate(looked, here.uid)
  if (wrong === undefined) return send(socket, request)
  throw new AuthError('UnsafePath', `The daemon is not asked, as ${runtime} ${wrong}.`, {
    hint: `It must be a directory of yours alone: \`chmod 700 ${runtime}\`, or set ATMOSD_SOCKET.`,
  })
}

function send(socket: string, { method, path, body, onLine, signal }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled())
    const payload = body === undefined ? '' : JSON.stringify(body)
    const type = body === undefined ? '' : 'Content-Type: application/json\r\n'
    const connection = connect(socket)
    const reading = answerReader(onLine)
    connection.setEncoding('utf8')
    connection.on('data', (text: string) => reading.feed(text))
    connection.once('end', () => settle(reading.finish()))
    connection.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(socket, error)))
    signal?.addEventListener('abort', () => connection.destroy(cancelled()), { once: true })
    connection.write(
      `${method} ${path} HTTP/1.0\r\nHost: atmosd\r\n${type}Content-Length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`,
    )
    function settle(answer: Answer | undefined) {
      connection.destroy()
      if (answer) resolve(answer)
      else reject(unreachable(socket, new Error('the daemon closed the connection')))
    }
  })
}

function answerReader(onLine: ((line: string) => void) | undefined) {
  let head: string | undefined
  let text = ''
  let told = 0
  const tell = () => {
    for (let end = text.indexOf('\n', told); onLine && end >= 0; end = text.indexOf('\n', told)) {
      onLine(text.slice(told, end))
      told = end + 1
    }
  }
  return {
    feed(more: string) {
      text += more
      const end = head === undefined ? text.indexOf('\r\n\r\n') : -1
      if (end >= 0) {
        head = text.slice(0, end)
        text = text.slice(end + 4)
      }
      if (head?.startsWith('HTTP/1.1 200')) tell()
    },
    finish(): Answer | undefined {
      const status = Number(head?.split(' ', 2)[1])
      return status ? { status, body: text } : undefined
    },
  }
}

function cancelled(): Error {
  return new AuthError('LoginCancelled', 'Cancelled.')
}

function unreachable(socket: string, cause: Error): AuthError {
  if (cause instanceof AuthError) return cause
  return new AuthError('DaemonUnreachable', `The daemon does not answer on ${socket}.`, {
    hint: 'Start it: `atmosctl daemon start`. What it said last: `atmosctl daemon logs`.',
    cause,
  })
}
