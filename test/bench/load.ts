/** Sends one request over many keep-alive connections for a while, and tells how many answers came and how fast. */
import { connect, type Socket } from 'node:net'

export interface Load {
  port: number
  path: string
  authorization: string
  connections: number
  ms: number
  /** Measures until then in place of for so long. */
  until?: Promise<unknown>
}

export interface Measured {
  perSecond: number
  p50Ms: number
  p99Ms: number
  longestMs: number
  failures: number
}

/** Measures after a short warm-up. Each connection has one request under way at a time. */
export async function load({ port, path, authorization, connections, ms, until }: Load): Promise<Measured> {
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${authorization}\r\n\r\n`,
  )
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  const latencies: number[] = []
  let failures = 0
  let measuring = false
  const clients = sockets.map((socket) =>
    client(socket, request, (latency, ok) => {
      if (!measuring) return
      latencies.push(latency)
      if (!ok) failures += 1
    }),
  )
  await pause(Math.min(300, ms / 4))
  measuring = true
  const started = performance.now()
  await (until ?? pause(ms))
  measuring = false
  const seconds = (performance.now() - started) / 1000
  for (const stop of clients) stop()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  return {
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    longestMs: latencies.at(-1) ?? Number.NaN,
    failures,
  }
}

function client(socket: Socket, request: Buffer, done: (latencyMs: number, ok: boolean) => void): () => void {
  let sentAt = 0
  let text = ''
  const send = () => {
    sentAt = performance.now()
    socket.write(request)
  }
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    const head = text.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (text.length < head + 4 + length) return
    done(performance.now() - sentAt, text.startsWith('HTTP/1.1 200'))
    text = ''
    send()
  })
  socket.on('error', () => {})
  send()
  return () => socket.destroy()
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket)).once(
      'error',
      reject,
    )
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
