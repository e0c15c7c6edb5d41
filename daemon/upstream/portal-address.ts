/** What a person asks for as the destination of a console: a short name of a part of it, or an address in it. Pure. */
import { closest } from '../../shared/closest.ts'
import { AuthError } from '../../shared/errors.ts'

export interface Portal {
  /** What every address of the console ends in. */
  domain: string
  /** Short names of its parts, in lower case. */
  names: readonly string[]
  addressOf(name: string): string
}

/** The address. Usage for a name that it does not have, and for an address elsewhere. */
export function destinationIn(wanted: string, { domain, names, addressOf }: Portal): string {
  const name = wanted.trim()
  if (/^[a-z][a-z\d+.-]*:/i.test(name)) return checked(name, domain)
  if (names.includes(name.toLowerCase())) return addressOf(name.toLowerCase())
  const close = closest(name, names)
  throw new AuthError('Usage', `There is no destination "${name}".`, {
    hint: close
      ? `Did you mean "${close}"?`
      : `Give a name such as ${names.slice(0, 3).join(', ')}, or an address of the console.`,
  })
}

/** Anything but the console would make the sign-in a way to lead people astray. */
function checked(text: string, domain: string): string {
  const url = URL.parse(text)
  const wrong = whyNot(url, domain)
  if (url && wrong === undefined) return url.href
  throw new AuthError('Usage', `The destination ${wrong}.`, {
    hint: `Give an address under https://${domain}/, or the name of a part of it.`,
  })
}

function whyNot(url: URL | null, domain: string): string | undefined {
  if (!url) return 'is no address'
  if (url.protocol !== 'https:') return `begins with ${url.protocol} and not with https:`
  if (url.username || url.password) return 'has the name or password of a user in it'
  const inside = url.host === domain || url.host.endsWith(`.${domain}`)
  return inside ? undefined : `is on ${url.host}, which is not the console`
}
