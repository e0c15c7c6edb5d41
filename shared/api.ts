/**
 * What crosses the control socket. Requests are zod schemas, since the daemon checks what it is sent;
 * the client imports the types alone and never loads zod.
 */
import * as z from 'zod'
import type { FailureBody } from './errors.ts'

/** Where a client stands: its directory, and the values of the variables that its configuration names. */
export const WorkspaceReference = z.strictObject({
  directory: z.string().startsWith('/'),
  /** `null` says that the client was asked and has no such variable. */
  environment: z.record(z.string(), z.string().max(65_536).nullable()).default({}),
})
export type WorkspaceReference = z.infer<typeof WorkspaceReference>

const identity = z.string().min(1).max(256).optional()

export const WorkspaceRequest = z.strictObject({ workspace: WorkspaceReference })
export const IdentityRequest = z.strictObject({ workspace: WorkspaceReference, identity })
export const GrantRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  /** The process that the grant is for; the grant goes when it has gone. */
  holder: z.int().positive().optional(),
  lifetimeSeconds: z.int().min(60).max(2_592_000).optional(),
})
export const LoginRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  provider: z.string().min(1).max(256).optional(),
})
export const LogoutRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  provider: z.string().min(1).max(256).optional(),
  all: z.boolean().default(false),
})
export const LoginAnswer = z.strictObject({
  question: z.string().max(64),
  answer: z.string().max(1024),
})
export const UnlockRequest = z.strictObject({
  vault: z.string().startsWith('/'),
  password: z.string().max(1024),
})

export type GrantRequest = z.input<typeof GrantRequest>
export type LoginRequest = z.input<typeof LoginRequest>
export type LogoutRequest = z.input<typeof LogoutRequest>
export type LoginAnswer = z.input<typeof LoginAnswer>
export type UnlockRequest = z.input<typeof UnlockRequest>

/** One thing wrong with a configuration; lines and columns count from 1. */
export interface Problem {
  severity: 'error' | 'warning'
  message: string
  hint?: string
  file: string
  line: number
  column: number
}

export type SessionState = 'fresh' | 'due' | 'expired' | 'none'

export interface ListedProvider {
  name: string
  kind: string
  region?: string
  startUrl?: string
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
  state: SessionState
  expiresAt?: number
}

export interface WorkspaceReply {
  file: string
  realm: string
  problems: Problem[]
  providers: ListedProvider[]
  identities: ListedIdentity[]
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
