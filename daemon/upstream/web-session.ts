/** Pages of a sign-in as a browser would go through them, with cookies and redirects, and without scripts. */
import { AuthError } from '../../shared/errors.ts'
import type { Clock } from '../system/clock.ts'
import { type CookieJar, openJar } from './cookie-jar.ts'
import { type Form, filled } from './html-forms.ts'
import { type Answer, httpRequest, isLoopback } from './plain-http.ts'
import { isAwsSignIn } from './saml-signin.ts'

export interface Page {
  url: URL
  status: number
  html: string
}

export interface WebSession {
  open(address: URL): Promise<Page>
  /** Sends a form with what a person gave. */
  submit(form: Form, values: Readonly<Record<string, string>>): Promise<Page>
  /** One exchange of JSON; undefined in place of what is none. */
  json(address: URL, body: unknown): Promise<{ status: number; value: unknown }>
}

interface Sent {
  url: URL
  method: 'GET' | 'POST'
  body?: string | undefined
  type?: string | undefined
}

const MOST_REDIRECTS = 10
/** Pages of identity providers carry their scripts and pictures with them. */
const MOST_BYTES = 2_000_000
const FORM = 'application/x-www-form-urlencoded'
/** AD FS shows its form to programs that it does not take for a browser of the domain. */
const AGENT = 'atmosd'

/** UpstreamUnavailable where a host is not reached, UpstreamInvalid where it leads away from https or in a circle. */
export function openWeb(parts: { clock: Clock; signal: AbortSignal }): WebSession {
  const jar = openJar()
  const send = (sent: Sent) => exchanged(parts, jar, sent)

  async function go(first: Sent): Promise<Page> {
    let sent = first
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await send(sent)
      const next = redirected(sent, answer)
      if (!next) return { url: sent.url, status: answer.status, html: answer.text }
      sent = next
    }
    throw new AuthError('UpstreamInvalid', `${first.url.host} redirects without an end.`, { hint: LOOK })
  }

  return {
    open: (url) => go({ url, method: 'GET' }),
    submit(form, values) {
      const body = filled(form, values).toString()
      if (form.method === 'POST') return go({ url: form.action, method: 'POST', body, type: FORM })
      const url = new URL(form.action)
      url.search = body
      return go({ url, method: 'GET' })
    },
    async json(url, body) {
      const text = JSON.stringify(body)
      const answer = await send({ url, method: 'POST', body: text, type: 'application/json' })
      return { status: answer.status, value: jsonOf(answer.text) }
    },
  }
}

const LOOK = 'Open the address in a browser to see what it does, or use `driver: Browser`.'

async function exchanged(
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  jar: CookieJar,
  { url, method, body, type }: Sent,
): Promise<Answer> {
  assertSafe(url)
  const cookie = jar.header(url, clock.now())
  const accept = type === 'application/json' ? type : 'text/html, */*;q=0.5'
  const answer = await httpRequest({
    url: url.href,
    method,
    headers: {
      accept,
      'user-agent': AGENT,
      ...(type ? { 'content-type': type } : {}),
      ...(cookie ? { cookie } : {}),
    },
    ...(body === undefined ? {} : { body }),
    whom: url.host,
    what: 'sign in',
    clock,
    signal,
    mostBytes: MOST_BYTES,
  })
  jar.take(answer.cookies ?? [], url, clock.now())
  return answer
}

/** A password and what stands for it travel encrypted, and an assertion never to AWS's own sign-in. */
function assertSafe(url: URL): void {
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
  if (safe && !isAwsSignIn(url)) return
  const why = safe ? 'sends the browser to AWS with no assertion' : `leads to ${url.protocol}//${url.host}`
  throw new AuthError('UpstreamInvalid', `The identity provider ${why}, which is not followed.`, {
    hint: LOOK,
  })
}

/** What a redirect asks for: the same again by 307 and 308, else GET (Fetch, HTTP-redirect fetch). */
function redirected(sent: Sent, { status, location }: Answer): Sent | undefined {
  if (status < 300 || status >= 400 || location === undefined) return undefined
  const url = URL.parse(location, sent.url.href)
  if (!url) return undefined
  if (status !== 307 && status !== 308) return { url, method: 'GET' }
  if (sent.body === undefined || url.host === sent.url.host) return { ...sent, url }
  throw new AuthError('UpstreamInvalid', `${sent.url.host} sends what was entered on to ${url.host}.`, {
    hint: LOOK,
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
