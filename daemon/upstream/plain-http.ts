/** One exchange with an upstream that has no SDK: no redirect, no proxy, no connection that stays. */
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { type Clock, within } from '../system/clock.ts'
import { secondsOf } from './retry-after.ts'

export interface Exchange {
  url: string
  method?: 'GET' | 'PUT' | 'POST'
  headers: Readonly<Record<string, string>>
  body?: string
  /** Completes "… could not be reached". */
  whom: string
  /** Completes "… could not be reached to …". */
  what?: string
  clock: Clock
  signal?: AbortSignal
  limitMs?: number
  /** The longest body that is read; 64 KiB without it. */
  mostBytes?: number
}

export interface Answer {
  status: number
  text: string
  /** The header `x-amzn-errortype`: AWS's name of an error. */
  errorType?: string | undefined
  /** For how long it does not want to be asked again. */
  retryAfterSeconds?: number | undefined
  /** Where a redirect leads, as it stands in the header. */
  location?: string | undefined
  /** `Set-Cookie`, each as it stands. */
  cookies?: readonly string[]
}

const LIMIT_MS = 10_000
/** No token and no credential comes near it. */
const MOST_BYTES = 65_536
/** Node's names of what is wrong with a certificate: a proxy that reads along has an authority of its own. */
const TRUST =
  'Where a proxy of yours has its own authority, start the daemon with NODE_EXTRA_CA_CERTS naming its certificate.'
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * The answer, whatever its status; a redirect is an answer like others. UpstreamUnavailable where there is none,
 * ConfigInvalid where HTTP cannot carry what is to be sent.
 */
export async function httpRequest(exchange: Exchange): Promise<Answer> {
  const { clock, limitMs = LIMIT_MS, mostBytes = MOST_BYTES } = exchange
  const request = requestOf(exchange)
  try {
    const answer = await within(clock, limitMs, (limit) => exchanged(request, limit, mostBytes, clock))
    if (answer) return answer
  } catch (error) {
    throw unreachable(exchange, printable(causeOf(error), 200), error)
  }
  throw unreachable(exchange, `no answer within ${limitMs / 1000} s`)
}

/** Whether a host of a URL is this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.has(hostname)
}

/** What `Request` throws quotes the header or the address that it dislikes, with the secret in it. */
function requestOf({ url, method = 'GET', headers, body, signal, whom }: Exchange): Request {
  try {
    const sent = { ...headers, connection: 'close' }
    const init = {
      method,
      headers: sent,
      redirect: 'manual',
      body: body ?? null,
      signal: signal ?? null,
    } as const
    return new Request(url, init)
  } catch {
    throw new AuthError(
      'ConfigInvalid',
      `${whom} cannot be asked: HTTP does not carry what it is to be sent.`,
      {
        hint: 'Look for a line break in the token, or a password in the address, that it is asked with.',
      },
    )
  }
}

async function exchanged(
  request: Request,
  limit: AbortSignal,
  mostBytes: number,
  clock: Clock,
): Promise<Answer> {
  const response = await fetch(request, { signal: AbortSignal.any([request.signal, limit]) })
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > mostBytes) throw new Error('the answer has no end')
    chunks.push(chunk)
  }
  const { status, headers } = response
  return {
    status,
    text: Buffer.concat(chunks).toString('utf8'),
    errorType: headers.get('x-amzn-errortype') ?? undefined,
    retryAfterSeconds: secondsOf(headers.get('retry-after'), clock.now()),
    location: headers.get('location') ?? undefined,
    cookies: headers.getSetCookie(),
  }
}

/** `fetch` says "fetch failed", and why in the cause. */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } }
  return cause?.code ?? cause?.message ?? message
}

function unreachable({ whom, what }: Exchange, why: string, cause?: unknown): AuthError {
  const wanted = what === undefined ? '' : ` to ${what}`
  const message = `${whom} could not be reached${wanted}: ${why}.`
  return new AuthError('UpstreamUnavailable', message, {
    hint: /CERT|SIGNATURE/.test(why) ? TRUST : undefined,
    cause,
  })
}
