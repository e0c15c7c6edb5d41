/** One exchange with an upstream that has no SDK: no redirect, no proxy, no connection that stays. */
import { AuthError } from '../../shared/errors.ts'
import { type Clock, within } from '../system/clock.ts'

export interface Exchange {
  url: string
  method?: 'GET' | 'PUT'
  headers: Readonly<Record<string, string>>
  /** Completes "… could not be reached". */
  whom: string
  clock: Clock
  signal: AbortSignal
  limitMs?: number
}

export interface Answer {
  status: number
  text: string
}

const LIMIT_MS = 10_000
/** No token and no credential comes near it. */
const MOST_BYTES = 65_536
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** The answer, whatever its status; a redirect is an answer like others. UpstreamUnavailable where there is none. */
export async function httpRequest(exchange: Exchange): Promise<Answer> {
  const { clock, signal, limitMs = LIMIT_MS } = exchange
  try {
    const work = (limit: AbortSignal) => exchanged(exchange, AbortSignal.any([signal, limit]))
    const answer = await within(clock, limitMs, work)
    if (answer) return answer
  } catch (error) {
    throw unreachable(exchange, causeOf(error), error)
  }
  throw unreachable(exchange, `no answer within ${limitMs / 1000} s`)
}

/** Whether a host of a URL is this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.has(hostname)
}

async function exchanged({ url, method = 'GET', headers }: Exchange, signal: AbortSignal): Promise<Answer> {
  const init = { method, headers: { ...headers, connection: 'close' }, redirect: 'manual', signal } as const
  const response = await fetch(url, init)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > MOST_BYTES) throw new Error('the answer has no end')
    chunks.push(chunk)
  }
  return { status: response.status, text: Buffer.concat(chunks).toString('utf8') }
}

/** `fetch` says "fetch failed", and why in the cause. */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } }
  return cause?.code ?? cause?.message ?? message
}

function unreachable({ whom }: Exchange, why: string, cause?: unknown): AuthError {
  return new AuthError('UpstreamUnavailable', `${whom} could not be reached: ${why}.`, { cause })
}
