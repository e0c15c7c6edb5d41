/** One exchange with a service of Google's: to its own address alone, whatever a file of credentials says, and bounded. */
import type { FailureCode } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { refusalOf, unusable } from './google-faults.ts'
import { type Answer, httpRequest } from './plain-http.ts'
import { triedAgain } from './tries.ts'

const ADDRESSES = {
  oauth2: 'https://oauth2.googleapis.com',
  sts: 'https://sts.googleapis.com',
  iamcredentials: 'https://iamcredentials.googleapis.com',
} as const

/** Where Google is, and for whom it is asked. */
export interface Google {
  clock: Clock
  signal: AbortSignal
  /** The address of a service where the configuration moves it. */
  endpoint(service: string): string | undefined
}

export interface Asking {
  service: keyof typeof ADDRESSES
  /** From the root of the service. */
  path: string
  form?: URLSearchParams
  json?: object
  bearer?: Secret | undefined
  /** The project that pays for the call and whose quota counts, where a person asks. */
  quotaProject?: string | undefined
  /** Completes "Google refused to …". */
  what: string
  /** What to do about failures of these codes. */
  hints?: Partial<Record<FailureCode, string>>
  /** Asked once and no longer than this; otherwise what will pass is tried again. */
  limitMs?: number
}

export type Body = Readonly<Record<string, unknown>>

/** The object that Google answers with. Every failure is an AuthError, translated in google-faults.ts. */
export function googleRequest(at: Google, asking: Asking): Promise<Body> {
  const ask = () => askedOnce(at, asking)
  return asking.limitMs === undefined ? triedAgain(at, ask) : ask()
}

async function askedOnce(at: Google, asking: Asking): Promise<Body> {
  const { clock, signal } = at
  const { service, path, form, json, what, limitMs } = asking
  const base = at.endpoint(service) ?? ADDRESSES[service]
  const answer = await httpRequest({
    clock,
    signal,
    url: `${base.replace(/\/+$/, '')}${path}`,
    method: 'POST',
    headers: headersOf(asking),
    body: form?.toString() ?? (json ? JSON.stringify(json) : ''),
    whom: 'Google',
    what,
    ...(limitMs === undefined ? {} : { limitMs }),
  })
  return processGoogle(answer, asking)
}

function headersOf({ form, bearer, quotaProject }: Asking): Record<string, string> {
  return {
    accept: 'application/json',
    'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
    ...(bearer ? { authorization: `Bearer ${bearer.reveal()}` } : {}),
    ...(quotaProject ? { 'x-goog-user-project': quotaProject } : {}),
  }
}

export function processGoogle(answer: Answer, asking: Pick<Asking, 'what' | 'hints'>): Body {
  if (answer.status !== 200) throw refusalOf(answer, asking)
  try {
    const body: unknown = JSON.parse(answer.text)
    if (typeof body === 'object' && body !== null) return body as Body
  } catch {}
  throw unusable(asking.what)
}
