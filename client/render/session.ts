import { formatDuration, formatInstant } from '../../shared/duration.ts'
import type { WhoamiReply } from '../../shared/replies.ts'
import type { SignedIn } from '../signin.ts'
import type { Paint } from '../style.ts'
import { facts } from './table.ts'

/** A session as label and value, for people. */
export function sessionFacts(session: SignedIn, now: number, paint: Paint): string {
  if ('provider' in session)
    return facts([
      ['Provider', session.provider],
      ['Expires', until(session.expiresAt, now, paint)],
    ])
  return facts([
    ['Identity', session.identity],
    ['Chain', session.chain.length > 1 ? session.chain.join(' → ') : undefined],
    ['Principal', session.principal],
    ['Account', session.account],
    ['Region', session.region],
    ['Expires', until(session.expiresAt, now, paint)],
    [
      'Sign-in ends',
      session.sessionEndsAt === undefined ? undefined : until(session.sessionEndsAt, now, paint),
    ],
  ])
}

/** The same for programs: RFC 3339 instants, and no field without a value. */
export function sessionJson({ expiresAt, sessionEndsAt, ...session }: WhoamiReply): string {
  const times = {
    expiration: formatInstant(expiresAt),
    ...(sessionEndsAt === undefined ? {} : { session_ends: formatInstant(sessionEndsAt) }),
  }
  return `${JSON.stringify({ ...session, ...times }, null, 2)}\n`
}

export function until(instant: number, now: number, paint: Paint): string {
  const left = formatDuration(instant - now)
  return `${formatInstant(instant)} ${paint(instant - now < 900_000 ? 'yellow' : 'dim', `(${left})`)}`
}
