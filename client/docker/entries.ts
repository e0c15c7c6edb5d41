/** Entries of registries in the text of Docker's config.json (docker-cli, cli/config/configfile). Pure. */
import { AuthError } from '../../shared/errors.ts'
import { type JsonObject, member, objectAt, objectFor, withMember, withoutMember } from './json-text.ts'

/** What docker-credential-atmos is called in `credHelpers`. */
export const HELPER = 'atmos'

type Section = 'credHelpers' | 'auths'

/** The new text, or what stands in the way of it, to complete "HOST …". */
export type Entered = { text: string } | { inTheWay: string }

/** Lets the helper answer for a host. Another helper there is left alone unless `force` is given. */
export function enterHelper(text: string, host: string, force: boolean): Entered {
  const present = valueAt(text, 'credHelpers', host)
  if (present === HELPER) return { text }
  if (present !== undefined && !force) return { inTheWay: `has the credential helper "${String(present)}"` }
  return { text: entered(text, 'credHelpers', host, HELPER) }
}

/** Enters a token itself. Another user's sign-in there is left alone unless `force` is given. */
export function enterToken(text: string, host: string, token: string, force: boolean): Entered {
  const present = valueAt(text, 'auths', host)
  const mine = present === undefined || isEmpty(present) || authOf(present).startsWith('AWS:')
  if (!mine && !force) return { inTheWay: 'has a sign-in of another user' }
  return { text: entered(text, 'auths', host, { auth: Buffer.from(token).toString('base64') }) }
}

/** Takes out what was entered for a host; `isOurs` knows a token of ours. What is another's stays. */
export function takeOut(text: string, host: string, isOurs: (token: string) => boolean): string {
  const without = valueAt(text, 'credHelpers', host) === HELPER ? removed(text, 'credHelpers', host) : text
  const auth = valueAt(without, 'auths', host)
  return auth !== undefined && isOurs(authOf(auth)) ? removed(without, 'auths', host) : without
}

/** Why Docker does not look at a token in `auths`, to complete "Docker asks …"; undefined where it does. */
export function askedInstead(text: string, host: string): string | undefined {
  const { credsStore } = parsed(text) as { credsStore?: string }
  const helper = valueAt(text, 'credHelpers', host) ?? (credsStore || undefined)
  return helper === undefined ? undefined : `docker-credential-${String(helper)}`
}

/** Nothing but white space counts as an empty object, as it does for Docker. ConfigInvalid for what is no object. */
function parsed(text: string): object {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {} // its message would show a part of the text, and with it of a sign-in
  throw new AuthError('ConfigInvalid', "Docker's config.json cannot be read: it is no JSON object.", {
    hint: 'Correct it; nothing was changed in it.',
  })
}

function valueAt(text: string, section: Section, host: string): unknown {
  const found: unknown = (parsed(text) as Record<string, unknown>)[section]
  if (found === undefined || found === null) return undefined
  if (typeof found === 'object' && !Array.isArray(found)) return (found as Record<string, unknown>)[host]
  throw new AuthError('ConfigInvalid', `In Docker's config.json, ${section} is no object.`, {
    hint: 'Correct it; nothing was changed in it.',
  })
}

function entered(text: string, section: Section, host: string, value: string | object): string {
  const json = JSON.stringify(value)
  const whole = text.trim() === '' ? '{}\n' : text
  const root = objectAt(whole) as JsonObject
  const found = member(root, section)
  const inner = found && objectAt(whole, found.value)
  const old = inner && member(inner, host)
  if (old) return whole.slice(0, old.value) + json + whole.slice(old.end)
  if (inner && inner.members.length > 0) return withMember(whole, inner, host, json)
  const bare = found ? withoutMember(whole, root, found) : whole
  const parent = objectAt(bare) as JsonObject
  return withMember(bare, parent, section, objectFor(bare, parent, host, json))
}

/** A section that is empty then goes too. */
function removed(text: string, section: Section, host: string): string {
  const root = objectAt(text)
  const found = root && member(root, section)
  const inner = found && objectAt(text, found.value)
  const gone = inner && member(inner, host)
  if (!gone) return text
  return inner.members.length > 1 ? withoutMember(text, inner, gone) : withoutMember(text, root, found)
}

function authOf(entry: unknown): string {
  const { auth } = entry as { auth?: unknown }
  return typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : ''
}

function isEmpty(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && Object.keys(entry).length === 0
}
