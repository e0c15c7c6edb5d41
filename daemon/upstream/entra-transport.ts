/** What the SDK sends goes this way: bounded in time and size, with no redirect and no retry. */
import type { TokenCredentialOptions } from '@azure/identity'
import { type AuthError, asAuthError } from '../../shared/errors.ts'
import type { Entra, Occasion } from './entra.ts'
import { processRefusal } from './entra-faults.ts'
import { type Answer, httpRequest } from './plain-http.ts'

type HttpClient = NonNullable<TokenCredentialOptions['httpClient']>
type Response = Awaited<ReturnType<HttpClient['sendRequest']>>

export interface Transport {
  httpClient: HttpClient
  /** Why the last exchange gave nothing; undefined where it gave something. */
  failure(): AuthError | undefined
  /** The end of the token or the code that came last, epoch milliseconds; the SDK dates it by a clock of its own. */
  ends(): number | undefined
}

export function entraTransport(entra: Entra, occasion: Occasion): Transport {
  let last: Answer | AuthError | undefined
  let sentAt = 0
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { url, method, headers, body } = request
      sentAt = entra.clock.now()
      try {
        const answer = await httpRequest({
          url,
          method: method === 'POST' ? 'POST' : 'GET',
          headers: headers.toJSON(),
          ...(typeof body === 'string' ? { body } : {}),
          whom: 'Entra ID',
          clock: entra.clock,
          signal: entra.signal,
        })
        last = answer
        return { request, status: answer.status, headers: headersOf(), bodyAsText: answer.text }
      } catch (error) {
        last = asAuthError(error)
        throw error
      }
    },
  }
  return {
    httpClient,
    failure: () => (last && 'status' in last ? processRefusal(last, occasion) : last),
    ends: () => (last && 'status' in last ? endIn(last, sentAt) : undefined),
  }
}

function endIn({ text }: Answer, sentAt: number): number | undefined {
  const { expires_in } = JSON.parse(text) as { expires_in?: unknown }
  const seconds = Number(expires_in)
  return Number.isFinite(seconds) ? sentAt + seconds * 1000 : undefined
}

/** The SDK looks at none of them once nothing is tried twice. */
function headersOf(): Response['headers'] {
  const headers = new Headers({ 'content-type': 'application/json' })
  return {
    get: (name) => headers.get(name) ?? undefined,
    set: (name, value) => headers.set(name, String(value)),
    has: (name) => headers.has(name),
    delete: (name) => headers.delete(name),
    toJSON: () => Object.fromEntries(headers),
    [Symbol.iterator]: () => headers[Symbol.iterator](),
  }
}
