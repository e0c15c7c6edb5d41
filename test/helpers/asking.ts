/** What a tool sends to the endpoints of a daemon, line by line, so that a test can leave out or add any. */
import { issueGrant } from '../../daemon/operations/grant.ts'
import { type RawAnswer, raw } from './raw.ts'
import type { Running } from './running.ts'

export const TTL = 'X-aws-ec2-metadata-token-ttl-seconds'
export const ROLES = '/latest/meta-data/iam/security-credentials/'
const TOKEN_PATH = '/latest/api/token'

export interface Asked {
  method?: string
  path: string
  /** Header lines after Host. */
  lines?: readonly string[]
}

/** Asks a port of this machine, with the right Host and nothing else that is not given. */
export function ask(
  port: number,
  { method = 'GET', path, lines = [] }: Asked,
  quietMs = 1_000,
): Promise<RawAnswer> {
  const head = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...lines]
  return raw(port, `${head.join('\r\n')}\r\n\r\n`, quietMs)
}

/** Asks as the tool of a grant does. */
export function askContainer(
  { port }: Pick<Running, 'port'>,
  grant: { path: string; token: string },
  more: Partial<Asked> = {},
  quietMs?: number,
): Promise<RawAnswer> {
  const lines = [`Authorization: ${grant.token}`, ...(more.lines ?? [])]
  return ask(port, { path: grant.path, ...more, lines }, quietMs)
}

export interface Metadata {
  id: string
  port: number
  ask(method: string, path: string, lines?: readonly string[]): Promise<RawAnswer>
  /** A token of version 2. */
  token(ttlSeconds?: number): Promise<string>
  /** GET with a new token. */
  get(path: string): Promise<RawAnswer>
}

/** Opens the metadata service of an identity. */
export async function metadataOf(daemon: Running, identity: string, wanted?: number): Promise<Metadata> {
  const request = { workspace: daemon.workspace, identity, dialect: 'aws-imds' as const, port: wanted }
  const { id, url } = await issueGrant(daemon.app.house, request)
  const port = Number(new URL(url).port)
  const metadata: Metadata = {
    id,
    port,
    ask: (method, path, lines = []) => ask(port, { method, path, lines }),
    async token(ttlSeconds = 21_600) {
      const { status, body } = await metadata.ask('PUT', TOKEN_PATH, [
        `${TTL}: ${ttlSeconds}`,
        'Content-Length: 0',
      ])
      if (status !== 200) throw new Error(`no token: ${status} ${body}`)
      return body
    },
    get: async (path) => metadata.ask('GET', path, [`X-aws-ec2-metadata-token: ${await metadata.token()}`]),
  }
  return metadata
}
