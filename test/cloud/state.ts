/** What the sandbox cloud remembers: accounts, clients, codes, tokens and credentials. */
import { createHmac, randomBytes } from 'node:crypto'
import type { GoogleState } from './google-state.ts'

export interface Account {
  id: string
  name: string
  roles: string[]
}

export interface Lifetimes {
  accessTokenSeconds: number
  refreshTokenSeconds: number
  deviceCodeSeconds: number
  clientSecretSeconds: number
  /** GetRoleCredentials. */
  roleCredentialsSeconds: number
  /** Overrides the DurationSeconds that AssumeRole was asked for. */
  assumeRoleSeconds?: number
  /** The same of GetSessionToken. */
  sessionTokenSeconds?: number
  /** GetAuthorizationToken of ECR. */
  registryTokenSeconds: number
  /** Tokens of GitHub's jobs. */
  idTokenSeconds: number
  pollIntervalSeconds: number
  /** The longest SessionDuration that the console takes. */
  consoleSeconds: number
  /** Google's access tokens from its token endpoint and from the exchange. */
  googleTokenSeconds: number
  /** Overrides the lifetime that generateAccessToken was asked for. */
  impersonatedSeconds?: number
  /** What a sign-in to AWS itself gives, at most 900, and for how long that is renewed. */
  signinKeysSeconds: number
  signinSeconds: number
}

/** What EKS or GKE says of a cluster in place of what it would; null for a cluster that is not there. */
export type ClusterChange = { status?: string; endpoint?: string; authority?: string } | null

export interface Job {
  repository: string
  running: boolean
  /** Whether its permissions have `id-token: write`. */
  mayAsk: boolean
}

export interface Client {
  secret: string
  expiresAt: number
  scopes: string[]
  redirectUris: string[]
  grantTypes: string[]
}

export interface DeviceCode {
  clientId: string
  userCode: string
  expiresAt: number
  decision: 'pending' | 'approved' | 'denied'
  intervalMs: number
  polledAt: number
  polls: number
}

export interface AuthorizationCode {
  clientId: string
  redirectUri: string
  challenge: string
  expiresAt: number
}

export interface SigninCode {
  clientId: string
  redirectUri: string
  challenge: string
  expiresAt: number
}

/** What a refresh token of AWS Sign-In is bound to; `endsAt` stays the same from one to the next. */
export interface SigninToken {
  clientId: string
  /** Thumbprint of the key. */
  key: string
  endsAt: number
  revoked?: boolean
}

/** The owner of a key: a user's long-term keys have no session and no end. */
export interface Key {
  secret: string
  session?: string
  expiresAt: number
  account: string
  arn: string
  chained: boolean
  /** A role that was assumed from a role. */
  byRole?: boolean
}

export interface State {
  now(): number
  accounts: Account[]
  pageSize: number
  lifetimes: Lifetimes
  approval: 'manual' | 'automatic'
  clients: Map<string, Client>
  devices: Map<string, DeviceCode>
  codes: Map<string, AuthorizationCode>
  accessTokens: Map<string, number>
  refreshTokens: Map<string, { clientId: string; expiresAt: number }>
  keys: Map<string, Key>
  /** Jobs of GitHub Actions by their secret. */
  jobs: Map<string, Job>
  /** By name. */
  clusters: Map<string, ClusterChange>
  signinCodes: Map<string, SigninCode>
  refreshables: Map<string, SigninToken>
  /** Ids of proofs that were used. */
  proofs: Set<string>
  signinTokens: Map<string, { arn: string; expiresAt: number }>
  google: GoogleState
  /** Every secret that was ever given out, so that a test can look for them where they must not be. */
  issued: Set<string>
}

export const defaultLifetimes: Lifetimes = {
  accessTokenSeconds: 3_600,
  refreshTokenSeconds: 90 * 86_400,
  deviceCodeSeconds: 600,
  clientSecretSeconds: 90 * 86_400,
  roleCredentialsSeconds: 3_600,
  registryTokenSeconds: 43_200,
  idTokenSeconds: 300,
  pollIntervalSeconds: 1,
  consoleSeconds: 43_200,
  googleTokenSeconds: 3_599,
  signinKeysSeconds: 900,
  signinSeconds: 43_200,
}

const roles = ['AdminAccess', 'ReadOnly']
export const defaultAccounts: Account[] = [
  { id: '111111111111', name: 'development', roles },
  { id: '222222222222', name: 'production', roles },
  { id: '333333333333', name: 'audit', roles },
]

/** AWS's own example of long-term keys. */
export const USER = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  account: '111111111111',
  arn: 'arn:aws:iam::111111111111:user/emergency',
}

/** A new secret of so many random bytes. */
export function issueSecret({ issued }: Pick<State, 'issued'>, bytes = 32): string {
  const secret = randomBytes(bytes).toString('base64url')
  issued.add(secret)
  return secret
}

/** New temporary keys, remembered until somebody asks whether they are valid. */
export function issueKeys(
  state: State,
  owner: Pick<Key, 'account' | 'arn' | 'chained' | 'byRole'>,
  seconds: number,
) {
  const accessKeyId = `ASIA${base32(randomBytes(16))}`
  const session = issueSecret(state, 96)
  const secret = createHmac('sha256', session).update(accessKeyId).digest('base64').slice(0, 40)
  const expiresAt = state.now() + seconds * 1000
  state.issued.add(secret)
  state.keys.set(accessKeyId, { secret, session, expiresAt, ...owner })
  return { accessKeyId, secretAccessKey: secret, sessionToken: session, expiresAt }
}

/** RFC 4648 section 6, as key ids and user codes look. */
export function base32(bytes: Buffer): string {
  return [...bytes].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('')
}
