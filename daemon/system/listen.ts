import { lstat, rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { AuthError } from '../../shared/errors.ts'

/** A loopback address that the credential endpoint listens on. */
export interface Address {
  host: string
  port: number
}

/** `127.0.0.1:9191` or `[::1]:9191`; anything that is not loopback is refused. */
export function parseAddress(text: string): Address {
  const match = /^(127\.0\.0\.1|\[::1\]):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (!match?.[1] || port > 65_535) {
    throw new AuthError('Usage', `ATMOSD_LISTEN is "${text}", which is not a loopback address with a port.`, {
      hint: 'Use 127.0.0.1:9191, or another port on 127.0.0.1.',
    })
  }
  return { host: match[1], port }
}

/** Binds `server` to a loopback port and returns the port that it got. */
export async function listenLoopback(server: Server, address: Address): Promise<number> {
  try {
    await listening(server, { host: address.host.replace(/[[\]]/g, ''), port: address.port, exclusive: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new AuthError('PortTaken', `${address.host}:${address.port} is taken by another program.`, {
      hint: `See which with \`ss -ltnp 'sport = :${address.port}'\`, or choose another: ATMOSD_LISTEN=127.0.0.1:9292.`,
      cause: error,
    })
  }
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound.port : address.port
}

/**
 * Binds `server` to a unix socket with mode 0600. What is there already is removed only if it is a socket
 * that nobody answers; the caller holds the lock that keeps other daemons away.
 */
export async function listenSocket(
  server: Server,
  path: string,
  umask: (mask: number) => number,
): Promise<void> {
  await removeStale(path)
  const before = umask(0o177) // the mode must be right from the first moment: chmod afterwards would be a race
  try {
    await listening(server, { path })
  } finally {
    umask(before)
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (!found) return
  if (!found.isSocket()) {
    throw new AuthError('UnsafePath', `${path} exists and is not a socket.`, {
      hint: 'Move it away, or set ATMOSD_SOCKET.',
    })
  }
  if (await answers(path)) throw new AuthError('DaemonRunning', `A daemon already answers on ${path}.`)
  await rm(path, { force: true })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => settle(true)).once('error', () => settle(false))
    function settle(alive: boolean) {
      probe.destroy()
      resolve(alive)
    }
  })
}

function listening(server: Server, options: object): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
