/** A way into the web console, for people. The sign-in address itself is a secret and not among it. */
import type { ConsoleReply } from '../../shared/console-reply.ts'
import { formatDuration, formatInstant } from '../../shared/duration.ts'
import type { Paint } from '../style.ts'
import { facts } from './table.ts'
import { cut } from './width.ts'

const WIDEST = 60

/** Of a browser that is signed in by nobody but itself. */
export const OWN_SIGN_IN = 'The browser needs a sign-in of its own there.\n'

/** Whose console it is. Where it opens is left out if the same address is what a person is to open. */
export function consoleFacts(
  reply: ConsoleReply,
  { now, opens }: { now: number; opens: boolean },
  paint: Paint,
): string {
  const { identity, provider, account, project, destination, address, sessionEndsAt } = reply
  const ends = (at: number) => `${formatInstant(at)} ${paint('dim', `(${formatDuration(at - now)})`)}`
  const pairs = facts([
    ['Provider', provider],
    ['Identity', identity],
    ['Account', account],
    ['Project', project],
    ['Opens', opens || destination !== address ? cut(destination, WIDEST) : undefined],
    ['Ends', sessionEndsAt === undefined ? undefined : ends(sessionEndsAt)],
  ])
  return `Console of ${paint('bold', identity)}\n\n${pairs}`
}

/** What to do where no browser opens. */
export function consoleInvitation({ address, expiresAt }: ConsoleReply, paint: Paint): string {
  if (expiresAt === undefined) return `\n  Open   ${paint('cyan', address)}\n\n${OWN_SIGN_IN}`
  return (
    `\n  Open   ${paint('cyan', address)}\n\n` +
    `It leads there once, on this machine, until ${formatInstant(expiresAt)}.\n` +
    'For another machine: `atmosctl console --print-only`, whose address is a secret.\n'
  )
}
