/** What the daemon holds, and for whom. */
import type { GrantReply, SessionState } from './replies.ts'

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
    dialect?: GrantReply['dialect']
    /** The port that it has for itself. */
    port?: number
    /** Why that port is not open. */
    problem?: string
  }[]
}
