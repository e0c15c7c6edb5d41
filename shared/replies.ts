/** What the daemon answers over the control socket. Types alone; fields are only ever added. */
import type { FailureBody } from './errors.ts'

/** One thing wrong with a configuration; lines and columns count from 1. */
export interface Problem {
  severity: 'error' | 'warning'
  message: string
  hint?: string
  file: string
  line: number
  column: number
  /** The line itself, as it stands in the file. */
  source?: string
}

export type SessionState = 'fresh' | 'due' | 'expired' | 'none'

export interface ListedProvider {
  name: string
  kind: string
  region?: string
  startUrl?: string
  default?: boolean
  tags?: string[]
  state: SessionState
  /** Epoch milliseconds. */
  expiresAt?: number
}

export interface ListedIdentity {
  name: string
  kind: string
  default: boolean
  via?: { provider: string } | { identity: string }
  principal?: string
  alias?: string
  tags?: string[]
  state: SessionState
  expiresAt?: number
}

export interface ListedIntegration {
  name: string
  kind: string
  via?: { provider: string } | { identity: string }
}

export interface WorkspaceReply {
  /** The file that decides most: the last one, whose settings win. */
  file: string
  /** Every file that was read, the first the weakest. */
  files?: string[]
  realm: string
  problems: Problem[]
  providers: ListedProvider[]
  identities: ListedIdentity[]
  integrations?: ListedIntegration[]
}

export interface WhoamiReply {
  identity: string
  kind: string
  realm: string
  /** Names from the root of the chain to the identity. */
  chain: string[]
  principal?: string
  account?: string
  region: string
  expiresAt: number
  /** When the sign-in at the root of the chain ends, where that is known. */
  sessionEndsAt?: number
}

export interface GrantReply {
  id: string
  identity: string
  dialect: 'aws-container'
  url: string
  token: string
  region: string
  expiresAt: number
}

export interface TrustReply {
  /** Files with commands of `!exec`. */
  files: { path: string; digest: string; trusted: boolean; commands: string[] }[]
}

export interface LogoutReply {
  sessions: number
  grants: number
}

export interface SessionStatus {
  name: string
  kind: string
  issuedAt: number
  expiresAt: number
  refreshAt: number
  state: SessionState
  failures: number
  lastFailure?: string
}

export interface StatusReply {
  version: string
  api: number
  pid: number
  startedAt: number
  now: number
  listen: string
  socket: string
  log: string
  sessions: SessionStatus[]
  grants: {
    id: string
    identity: string
    issuedAt: number
    expiresAt: number
    lastUsedAt: number
    holder?: number
  }[]
}

/** The steps of a sign-in, one JSON object a line. The last one is `done` or `failed`. */
export type LoginEvent =
  | { type: 'started'; chain: string[] }
  | { type: 'device-code'; userCode: string; verificationUri: string; address: string; expiresAt: number }
  | { type: 'browser'; address: string; expiresAt: number }
  | { type: 'question'; question: string; label: string; secret: boolean }
  | { type: 'step'; name: string; kind: string }
  | { type: 'done'; session: WhoamiReply | { provider: string; expiresAt: number } }
  | { type: 'failed'; failure: FailureBody }
