/** Whose a session is and until when, for people and for programs. */
import { formatDuration, formatInstant } from '../../shared/duration.ts'
import type { WhoamiReply } from '../../shared/replies.ts'
import type { SignedIn } from '../signin.ts'
import type { Paint } from '../style.ts'
import { facts } from './table.ts'

/** A session as label and value, one pair a line. */
export function sessionFacts(session: SignedIn | WhoamiReply, now: number, paint: Paint): string {
  const whose = 'identity' in session ? session : undefined
  return facts([
    ['Realm', session.realm],
    ['Provider', session.provider],
    ['Identity', whose?.identity],
    ['Chain', whose && whose.chain.length > 1 ? whose.chain.join(' → ') : undefined],
    ['Principal', whose?.principal],
    ['Account', whose?.account],
    ['Project', whose?.project],
    ['Region', session.region],
    ['Expires', until(session.expiresAt, now, paint)],
    ['Sign-in ends', until(whose?.sessionEndsAt, now, paint)],
  ])
}

/** Whether it is valid comes first, and how long; then what is known, and what to do. */
export function whoamiText(reply: WhoamiReply, now: number, paint: Paint): string {
  const { identity, valid, reason, hint, expiresAt } = reply
  const left = expiresAt === undefined ? '' : `, ${formatDuration(expiresAt - now)} left`
  const head = valid
    ? `${paint('green', '✓')} Signed in as ${paint('bold', identity)}${left}`
    : `${paint('red', '✗')} No valid credentials for ${paint('bold', identity)}`
  const why = reason === undefined ? '' : `\n${reason}\n${hint === undefined ? '' : `  ${hint}\n`}`
  return `${head}\n\n${sessionFacts(reply, now, paint)}${why}`
}

/** RFC 3339 instants, and no field without a value. */
export function whoamiJson(reply: WhoamiReply): string {
  const { valid, state, realm, provider, chain, identity, kind, principal } = reply
  const { account, project, region, reason, hint } = reply
  const whose = { valid, state, realm, provider, chain, identity, kind, principal, account, project, region }
  const expiration = instant(reply.expiresAt)
  const session_ends = instant(reply.sessionEndsAt)
  return `${JSON.stringify({ ...whose, expiration, session_ends, reason, hint }, null, 2)}\n`
}

function instant(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : formatInstant(epochMs)
}

function until(epochMs: number | undefined, now: number, paint: Paint): string | undefined {
  if (epochMs === undefined) return undefined
  const left = epochMs - now
  if (left <= 0) return `${formatInstant(epochMs)} ${paint('red', '(over)')}`
  return `${formatInstant(epochMs)} ${paint(left < 900_000 ? 'yellow' : 'dim', `(${formatDuration(left)})`)}`
}
