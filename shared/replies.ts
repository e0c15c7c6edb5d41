/** What the daemon answers over the control socket. Types alone; fields are only ever added. */
import type { CloudFacts } from './cloud-facts.ts'
import type { Dialect } from './dialects.ts'
import type { FailureBody } from './errors.ts'
import type { ClusterEntry, RegistryEntry } from './integration-replies.ts'

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
  /** Region of its tools, for identities of AWS. */
  region?: string
  principal?: string
  alias?: string
  tags?: string[]
  /** It comes from the portal's list of assignments, and nothing is written about it. */
  provisioned?: true
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

/** Whose a session is, and until when. */
export interface SessionReply {
  identity: string
  kind: string
  realm: string
  /** The root of the chain, where that is a provider. */
  provider?: string
  /** Names from the root of the chain to the identity. */
  chain: string[]
  principal?: string
  account?: string
  /** Of Google Cloud: the project's id. */
  project?: string
  /** Absent where the cloud's tokens have none and the configuration names none. */
  region?: string
  expiresAt: number
  /** When the sign-in at the root of the chain ends, where that is known. */
  sessionEndsAt?: number
}

export interface WhoamiReply extends Omit<SessionReply, 'expiresAt'> {
  /** Whether the identity has credentials now, or got them with nobody asked. */
  valid: boolean
  state: SessionState
  /** Absent where there is no session, not even one that has ended. */
  expiresAt?: number
  /** Why it is not valid, and what to do. */
  reason?: string
  hint?: string
}

/** A sign-in to a provider alone. */
export interface ProviderReply {
  provider: string
  realm: string
  region?: string
  expiresAt: number
}

export interface GrantReply {
  id: string
  identity: string
  dialect: Dialect
  /**
   * Where its tools ask: `aws-container` at the address itself, `aws-imds` and `gce-metadata` at a port of their own,
   * `azure-identity` below the address.
   */
  url: string
  /** The secret that goes with it; empty for `aws-imds`, which has none. */
  token: string
  /** Of `gce-metadata`: where credentials of the type external_account are exchanged, with the secret. */
  exchange?: string
  /** Of `azure-identity`: the secret that stands in the path for tools that can send no header. */
  path?: string
  /** The grant's own directory, for files of its tools. */
  directory?: string
  facts?: CloudFacts
  region: string
  expiresAt: number
  /** The identity's own variables (`env:`). */
  variables?: Record<string, string>
}

export interface TrustReply {
  /** Files with commands of `!exec`. */
  files: { path: string; digest: string; trusted: boolean; commands: string[] }[]
}

/** What was dropped; of a dry run, what would be. */
export interface LogoutReply {
  sessions: number
  grants: number
  dropped?: { name: string; kind: string }[]
  /** Identities whose long-term keys were forgotten. */
  keys?: { identity: string; realm: string }[]
  /** What clients entered for registries, for a client to take out again. */
  registries?: RegistryEntry[]
  /** The same of clusters. */
  clusters?: ClusterEntry[]
}

/** The steps of a sign-in, one JSON object a line. The last one is `done` or `failed`. */
export type LoginEvent =
  | { type: 'started'; chain: string[] }
  | { type: 'device-code'; userCode: string; verificationUri: string; address: string; expiresAt: number }
  | { type: 'browser'; address: string; expiresAt: number }
  /** The person has to do something elsewhere: `what` is a request, such as "Sign in in the window". */
  | { type: 'wait'; what: string; expiresAt: number }
  | { type: 'question'; question: string; label: string; secret: boolean }
  | { type: 'step'; name: string; kind: string }
  /** So many of `what`, a plural, are done. */
  | { type: 'progress'; done: number; total: number; what: string }
  /** Something went wrong that does not end the sign-in. */
  | { type: 'warning'; message: string; hint?: string }
  | { type: 'done'; session: SessionReply | ProviderReply }
  | { type: 'failed'; failure: FailureBody }
