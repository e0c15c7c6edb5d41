/**
 * Who may speak to a credential endpoint: programs of this user on this machine, and no web page, proxy or other
 * user. Judged on what was sent, not on what the HTTP library made of it.
 */
import type { IncomingMessage } from 'node:http'
import type { FailureCode } from '../../shared/errors.ts'

export interface Refusal {
  code: Extract<FailureCode, 'BadRequest' | 'Forbidden' | 'MethodNotAllowed'>
  status?: number
  message: string
}

/** What the judgement looks at. */
export type Asked = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'> & {
  remoteAddress: string | undefined
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
/** A browser or a proxy sends these and no SDK does; `Sec-Fetch-Mode` alone is sent by Node's fetch too. */
const FOREIGN = new Set(['origin', 'referer', 'x-forwarded-for', 'x-forwarded-host', 'forwarded', 'via'])
const ONCE = new Set(['host', 'authorization'])
const LARGEST_BODY = 8_192

const READING = ['GET', 'HEAD']

/** The reason to refuse, or undefined. `host` is the one acceptable Host header, with its port. */
export function refusalOf(
  asked: Asked,
  host: string,
  methods: readonly string[] = READING,
): Refusal | undefined {
  if (!LOOPBACK.test(asked.remoteAddress ?? '')) return forbidden('Only programs on this machine may ask.')
  // RFC 9112 section 3.2.2: an absolute-form target would stand above the Host header.
  if (!asked.url?.startsWith('/')) return bad('The request target must be a path.')
  return refusedHeader(asked.rawHeaders, host) ?? refusedMethod(asked.method, methods)
}

function refusedHeader(rawHeaders: readonly string[], host: string): Refusal | undefined {
  let hosts = 0
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    const value = rawHeaders[index + 1] ?? ''
    // RFC 9112 section 3.2: two Host lines are an error. Node would keep the first in silence.
    if (ONCE.has(name) && seen.has(name)) return bad(`The request has two ${name} headers.`)
    seen.add(name)
    if (FOREIGN.has(name))
      return forbidden(`Requests with ${name} are refused: it is not a browser's or a proxy's endpoint.`)
    if (name === 'sec-fetch-site' && value !== 'none')
      return forbidden('Requests from web pages are refused.')
    if (name === 'transfer-encoding') return bad('A request for credentials has no body.')
    if (name === 'content-length' && Number(value) > LARGEST_BODY)
      return { ...bad('The body is too large.'), status: 413 }
    if (name !== 'host') continue
    hosts += 1
    // The defence against DNS rebinding: a name that an attacker made point here is not our name.
    if (value !== host) return forbidden('The Host header is not the address of this endpoint.')
  }
  return hosts === 1 ? undefined : bad('The request has no Host header.')
}

function refusedMethod(method = '', methods: readonly string[]): Refusal | undefined {
  if (methods.includes(method)) return undefined
  const named = methods.filter((name) => name !== 'HEAD').join(' and ')
  return { code: 'MethodNotAllowed', message: `Only ${named} is answered here.` }
}

function bad(message: string): Refusal {
  return { code: 'BadRequest', message }
}

function forbidden(message: string): Refusal {
  return { code: 'Forbidden', message }
}
