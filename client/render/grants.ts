/** Who may ask for credentials now. */
import { formatDuration } from '../../shared/duration.ts'
import type { StatusReply } from '../../shared/status-reply.ts'
import { table } from './table.ts'

/** A grant with the name of its holder's program, where there is a way to know it. */
export type HeldGrant = StatusReply['grants'][number] & { program?: string }

/** `widest` cuts what does not fit the terminal. */
export function grantTable(grants: readonly HeldGrant[], now: number, widest?: number): string {
  if (grants.length === 0) return 'No grants.\n'
  const rows = grants.map(({ id, identity, dialect, lastUsedAt, expiresAt, holder, program }) => [
    id.slice(0, 8),
    identity,
    dialect ?? '-',
    program ?? '-',
    String(holder ?? '-'),
    `${formatDuration(now - lastUsedAt)} ago`,
    formatDuration(expiresAt - now),
  ])
  return table(['GRANT', 'IDENTITY', 'DIALECT', 'PROGRAM', 'PROCESS', 'LAST USED', 'LEFT'], rows, widest, [0])
}
