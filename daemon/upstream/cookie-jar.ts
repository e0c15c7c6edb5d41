/**
 * The cookies of one sign-in (RFC 6265, sections 5.3 and 5.4). It knows no list of public suffixes: the hosts of one
 * sign-in are few, and the jar is thrown away with it. Pure.
 */
import { isLoopback } from './plain-http.ts'

interface Cookie {
  name: string
  value: string
  host: string
  /** Only for that host, and not for those below it. */
  hostOnly: boolean
  path: string
  secure: boolean
  /** Epoch milliseconds. */
  endsAt: number
}

export interface CookieJar {
  /** Takes what an answer of `from` sets. */
  take(set: readonly string[], from: URL, now: number): void
  /** The header for a request; undefined where there is nothing to send. */
  header(to: URL, now: number): string | undefined
}

const MOST_COOKIES = 200
const MOST_CHARACTERS = 8_192

export function openJar(): CookieJar {
  const cookies = new Map<string, Cookie>()
  return {
    take(set, from, now) {
      for (const text of set) {
        const cookie = text.length > MOST_CHARACTERS ? undefined : cookieOf(text, from, now)
        if (!cookie) continue
        const key = `${cookie.host} ${cookie.path} ${cookie.name}`
        cookies.delete(key)
        if (cookie.endsAt > now && cookies.size < MOST_COOKIES) cookies.set(key, cookie)
      }
    },
    header(to, now) {
      const theirs = [...cookies.values()].filter((cookie) => cookie.endsAt > now && goesTo(cookie, to))
      // The longer path first (section 5.4).
      theirs.sort((a, b) => b.path.length - a.path.length)
      return theirs.map(({ name, value }) => `${name}=${value}`).join('; ') || undefined
    },
  }
}

function goesTo({ host, hostOnly, path, secure }: Cookie, to: URL): boolean {
  if (secure && !isSafe(to)) return false
  const own = to.hostname === host
  return (own || (!hostOnly && isBelow(to.hostname, host))) && isUnder(to.pathname, path)
}

function cookieOf(text: string, from: URL, now: number): Cookie | undefined {
  const [pair = '', ...rest] = text.split(';')
  const [name, value] = halves(pair)
  const said = new Map(rest.map(halves).map(([key, given]) => [key.toLowerCase(), given]))
  const domain = said.get('domain')?.replace(/^\./, '').toLowerCase()
  const secure = said.has('secure')
  const path = said.get('path')
  if (!name || (domain && !mayName(from.hostname, domain)) || (secure && !isSafe(from))) return undefined
  if (name.startsWith('__Host-') && (domain || path !== '/' || !secure)) return undefined
  if (name.startsWith('__Secure-') && !secure) return undefined
  return {
    name,
    value,
    host: domain || from.hostname,
    hostOnly: !domain || domain === from.hostname,
    path: path?.startsWith('/') ? path : usualPath(from),
    secure,
    endsAt: endOf(said, now),
  }
}

function halves(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

/** A host sets cookies for itself and for what it is part of, but for no whole top-level domain. */
function mayName(host: string, domain: string): boolean {
  return host === domain || (domain.includes('.') && isBelow(host, domain))
}

function isBelow(host: string, domain: string): boolean {
  return host.endsWith(`.${domain}`) && !/^[\d.]+$|:/.test(host)
}

function isUnder(path: string, of: string): boolean {
  return path === of || path.startsWith(of.endsWith('/') ? of : `${of}/`)
}

/** Section 5.1.4. */
function usualPath({ pathname }: URL): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/'
}

function endOf(said: ReadonlyMap<string, string>, now: number): number {
  const age = said.get('max-age')
  if (age !== undefined && /^-?\d+$/.test(age)) return now + Number(age) * 1000
  const date = Date.parse(said.get('expires') ?? '')
  return Number.isNaN(date) ? Number.POSITIVE_INFINITY : date
}

function isSafe(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url)
}
