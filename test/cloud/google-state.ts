/** What Google remembers in the sandbox: people's sign-ins, service accounts, their keys, tokens, and issuers it trusts. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { JWTVerifyGetKey } from 'jose'
import { ISSUER } from './github.ts'
import { issuerKeys } from './jwt.ts'
import { type ClusterChange, issueSecret, type State } from './state.ts'

export const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform'
export const EMAIL_SCOPE = 'https://www.googleapis.com/auth/userinfo.email'
export const NUMBER = '123456789012'
export const PROVIDER = `//iam.googleapis.com/projects/${NUMBER}/locations/global/workloadIdentityPools/github-pool/providers/github-provider`

export interface AccessToken {
  /** Mail address, or `principal://…` of a workload. */
  principal: string
  scopes: readonly string[]
  expiresAt: number
  /** A person's; IAM's API asks for a project that pays. */
  isPerson?: boolean
}

export interface SignIn {
  email: string
  clientId: string
  clientSecret: string
  /** What the person agreed to. */
  scopes: readonly string[]
  /** An administrator's policy has ended it: `invalid_rapt`. */
  needsReauth?: boolean
}

export interface ServiceAccount {
  /** Who has roles/iam.serviceAccountTokenCreator on it. */
  creators: Set<string>
  /** A policy lets its tokens last for up to twelve hours. */
  mayLast?: boolean
}

export interface Issuer {
  issuer: string
  key: KeyObject | JWTVerifyGetKey
  /** Audiences besides the provider's own name. */
  audiences?: readonly string[]
  /** The attribute condition of the provider. */
  condition?: (claims: Record<string, unknown>) => boolean
}

export interface GoogleState {
  accessTokens: Map<string, AccessToken>
  /** By refresh token. */
  signIns: Map<string, SignIn>
  accounts: Map<string, ServiceAccount>
  keys: Set<{ email: string; publicKey: KeyObject }>
  /** By the full name of the provider in its pool. */
  issuers: Map<string, Issuer>
  /** What GKE says of clusters, by name, in place of what it would. */
  clusters: Map<string, ClusterChange>
  /** Subject tokens that were taken, newest last. */
  exchanged: Record<string, unknown>[]
}

export function newGoogle(): GoogleState {
  const github: Issuer = {
    issuer: ISSUER,
    key: issuerKeys().publicKey,
    condition: ({ sub }) => String(sub).startsWith('repo:acme/infra:'),
  }
  return {
    accessTokens: new Map(),
    signIns: new Map(),
    accounts: new Map(),
    keys: new Set(),
    issuers: new Map([[PROVIDER, github]]),
    clusters: new Map(),
    exchanged: [],
  }
}

export function addAccount({ accounts }: GoogleState, email: string, ...creators: string[]): ServiceAccount {
  const account = { creators: new Set(creators) }
  accounts.set(email, account)
  return account
}

/** What gcloud's sign-in would leave in its file. */
export function signInFile(google: GoogleState, email: string, more: Partial<SignIn> = {}) {
  const refreshToken = `1//${randomBytes(24).toString('base64url')}`
  const client = { clientId: 'gcloud.apps.googleusercontent.com', clientSecret: 'd-FL95Q19q7MQmFpd7hHD0Ty' }
  google.signIns.set(refreshToken, { email, ...client, scopes: [CLOUD_PLATFORM, EMAIL_SCOPE], ...more })
  return {
    account: '',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    quota_project_id: 'my-project',
    refresh_token: refreshToken,
    type: 'authorized_user',
    universe_domain: 'googleapis.com',
  }
}

/** A key of a service account, as the console downloads it. */
export function keyFile(google: GoogleState, email: string) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  google.keys.add({ email, publicKey })
  if (!google.accounts.has(email)) addAccount(google, email)
  return {
    type: 'service_account',
    project_id: 'my-project',
    private_key_id: randomBytes(20).toString('hex'),
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    client_email: email,
    token_uri: 'https://oauth2.googleapis.com/token',
    universe_domain: 'googleapis.com',
  }
}

export function issueAccessToken(
  state: State,
  token: Omit<AccessToken, 'expiresAt'>,
  seconds: number,
): string {
  const text = `ya29.${issueSecret(state, 48)}`
  state.google.accessTokens.set(text, { ...token, expiresAt: state.now() + seconds * 1000 })
  state.issued.add(text)
  return text
}

/** Whose a bearer's token is; undefined for one that is over or was never given. */
export function bearerOf(state: State, authorization: string | undefined): AccessToken | undefined {
  const [scheme, text = ''] = (authorization ?? '').split(' ')
  const token = scheme === 'Bearer' ? state.google.accessTokens.get(text) : undefined
  return token && token.expiresAt > state.now() ? token : undefined
}
