import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { AuthError } from '../../shared/errors.ts'
import type { Clock } from './clock.ts'

export interface Callback extends AsyncDisposable {
  port: number
  /** The query of the one accepted request; undefined when nobody came within the time. */
  parameters: Promise<URLSearchParams | undefined>
}

/**
 * Listens on 127.0.0.1 for a browser that comes back from a sign-in, once. Another path or Host is refused;
 * another `state` ends the sign-in, since somebody else's browser is at the other end (RFC 6749 section 10.12).
 */
export async function awaitCallback(options: {
  path: string
  /** The name of this machine in the address that the browser is sent to; 127.0.0.1 unless given. */
  host?: '127.0.0.1' | 'localhost'
  state: string
  waitMs: number
  clock: Clock
  signal: AbortSignal
}): Promise<Callback> {
  const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams | undefined>()
  promise.catch(() => {}) // the caller may leave before it looks
  const finished = new AbortController()
  const server = createServer((request, response) => {
    const { port } = server.address() as { port: number }
    const query = queryOf(request, options.path, `${options.host ?? '127.0.0.1'}:${port}`)
    if (!query) return page(response, 404, 'Not found', 'There is nothing here.')
    if (!sameText(query.get('state') ?? '', options.state)) {
      page(
        response,
        400,
        'Sign-in stopped',
        'This answer belongs to another sign-in. Start again in the terminal.',
      )
      return reject(new AuthError('LoginRefused', 'The browser came back with the state of another sign-in.'))
    }
    page(response, 200, 'Signed in', 'You can close this window and go back to the terminal.')
    resolve(query)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  options.signal.addEventListener(
    'abort',
    () => reject(new AuthError('LoginCancelled', 'The sign-in was cancelled.')),
    {
      signal: finished.signal,
    },
  )
  void options.clock.sleep(options.waitMs, finished.signal).then(() => resolve(undefined))
  return {
    port: (server.address() as { port: number }).port,
    parameters: promise,
    async [Symbol.asyncDispose]() {
      finished.abort()
      server.close()
      server.closeIdleConnections()
    },
  }
}

function queryOf(request: IncomingMessage, path: string, host: string): URLSearchParams | undefined {
  const [pathname, query = ''] = (request.url ?? '').split('?', 2)
  const local = request.headers.host === host
  return request.method === 'GET' && local && pathname === path ? new URLSearchParams(query) : undefined
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer]
  return timingSafeEqual(a, b)
}

// Nothing of the request is shown again, so that there is nothing to inject.
function page(response: ServerResponse, status: number, title: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  })
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:20vh auto;padding:0 1rem}</style>
<h1>${title}</h1><p>${text}</p></html>`)
}
