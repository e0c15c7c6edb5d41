/** Endpoints with a port of their own. */
import { formatDuration } from '../../shared/duration.ts'
import type { GrantReply } from '../../shared/replies.ts'
import type { StatusReply } from '../../shared/status-reply.ts'
import type { Paint } from '../style.ts'
import { table } from './table.ts'

type Endpoint = StatusReply['grants'][number]

/** `widest` cuts what does not fit the terminal. */
export function endpointTable(
  endpoints: readonly Endpoint[],
  now: number,
  paint: Paint,
  widest?: number,
): string {
  if (endpoints.length === 0) return 'No endpoints.\n'
  const rows = endpoints.map(({ id, identity, port, problem, lastUsedAt, expiresAt, holder }) => [
    id.slice(0, 8),
    identity,
    problem ? paint('red', `${problem}`) : `http://127.0.0.1:${port}`,
    `${formatDuration(now - lastUsedAt)} ago`,
    formatDuration(expiresAt - now),
    String(holder ?? '-'),
  ])
  return table(['ENDPOINT', 'IDENTITY', 'ADDRESS', 'LAST USED', 'LEFT', 'PROCESS'], rows, widest)
}

/** A new one, and what a tool is told to find it. */
export function endpointLines(
  { id, identity, url, dialect }: Pick<GrantReply, 'id' | 'identity' | 'url' | 'dialect'>,
  paint: Paint,
): string {
  const { host } = new URL(url)
  const lines =
    dialect === 'gce-metadata'
      ? ['HOST', 'IP', 'ROOT'].map((name) => `GCE_METADATA_${name}=${host}`)
      : [`AWS_EC2_METADATA_SERVICE_ENDPOINT=${url}/`, 'AWS_EC2_METADATA_V1_DISABLED=true']
  return `${paint('bold', identity)} answers on ${url}, to any program of yours.

${[...lines, 'NO_PROXY=127.0.0.1'].map((line) => `  ${line}`).join('\n')}

\`atmosctl endpoint remove ${id.slice(0, 8)}\` closes it.
`
}
