/** What a sign-out dropped, or would drop. */
import type { LogoutReply } from '../../shared/replies.ts'
import type { Paint } from '../style.ts'
import { columns } from './table.ts'

export function logoutText(reply: LogoutReply, dryRun: boolean, paint: Paint): string {
  const { sessions, grants, dropped = [], keys = [], registries = [] } = reply
  const hosts = new Set(registries.map(({ host }) => host))
  const head = dryRun
    ? `Would drop ${count(sessions, 'session')} and revoke ${count(grants, 'grant')}.`
    : `${paint('green', '✓')} Logged out: ${count(sessions, 'session')} dropped, ${count(grants, 'grant')} revoked.`
  const rows = [
    ...dropped.map(({ name, kind }) => ['  session', name, paint('dim', `(${kind})`)]),
    ...[...hosts].map((host) => ['  registry', host, '']),
    ...keys.map(({ identity, realm }) => ['  keys', identity, paint('dim', `(realm ${realm})`)]),
  ]
  return `${head}\n${rows.length > 0 ? columns(rows) : ''}`
}

export function logoutJson(reply: LogoutReply, dryRun: boolean): string {
  const { grants, dropped = [], keys = [], registries = [] } = reply
  const hosts = [...new Set(registries.map(({ host }) => host))]
  const record = { dry_run: dryRun, sessions: dropped, grants, keys, registries: hosts }
  return `${JSON.stringify(record, null, 2)}\n`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
