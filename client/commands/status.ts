import { formatDuration } from '../../shared/duration.ts'
import type { StatusReply } from '../../shared/status-reply.ts'
import { type Command, chosenFormat, formatOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import type { Given } from '../option.ts'
import { facts, table } from '../render/table.ts'
import { type Paint, painter } from '../style.ts'

export const formats = ['text', 'json'] as const
const looks = { fresh: 'green', due: 'yellow', expired: 'red', none: 'dim' } as const

export const status: Command = {
  summary: 'Show what the daemon holds, and for whom',
  usage: '[--format text|json]',
  options: formatOption(formats),
  examples: ['', '--format json'],
  run: showStatus,
}

/** Starts no daemon: where none runs, that is the answer. */
export async function showStatus(here: Here, given: Given): Promise<number> {
  const format = chosenFormat(given, formats)
  const reply = await daemonOf(here, { start: false }).status()
  const widest = here.terminal.out ? here.terminal.columns : undefined
  here.out(
    format === 'json'
      ? `${JSON.stringify(reply, null, 2)}\n`
      : statusText(reply, painter(here.color), widest),
  )
  return 0
}

/** `widest` cuts what does not fit the terminal. */
export function statusText(reply: StatusReply, paint: Paint, widest?: number): string {
  const ago = (instant: number) => `${formatDuration(reply.now - instant)} ago`
  const ahead = (instant: number) =>
    instant > reply.now ? `in ${formatDuration(instant - reply.now)}` : 'now'
  const sessions = reply.sessions.map((session) => [
    session.name,
    session.kind,
    paint(session.failures > 0 ? 'red' : looks[session.state], session.state),
    session.state === 'expired' ? '-' : formatDuration(session.expiresAt - reply.now),
    session.state === 'expired' ? '-' : ahead(session.refreshAt),
    session.failures > 0 ? `${session.failures}: ${session.lastFailure}` : '-',
  ])
  const grants = reply.grants.map((grant) => [
    grant.id.slice(0, 8),
    grant.identity,
    ago(grant.lastUsedAt),
    String(grant.holder ?? '-'),
  ])
  const head = facts([
    ['Daemon', `${reply.version}, process ${reply.pid}, up ${formatDuration(reply.now - reply.startedAt)}`],
    ['Listens', reply.listen],
    ['Socket', reply.socket],
    ['Log', reply.log],
  ])
  return [
    head,
    sessions.length > 0
      ? table(['SESSION', 'KIND', 'STATE', 'LEFT', 'REFRESH', 'FAILURES'], sessions, widest)
      : 'No sessions.\n',
    grants.length > 0 ? table(['GRANT', 'IDENTITY', 'LAST USED', 'PROCESS'], grants, widest) : 'No grants.\n',
  ].join('\n')
}
