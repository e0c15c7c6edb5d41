import { createServer } from 'node:net'

/** A loopback port that nobody uses at this moment, for what must be the same after a restart. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
