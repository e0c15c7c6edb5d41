/** What the sandbox's Entra ID knows: tenants, people, applications, and what it has given to whom. */
import { randomBytes } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'
import type { AksChange } from './azure-services.ts'
import { ISSUER } from './github.ts'

export const TENANT = { id: '72f988bf-86f1-41af-91ab-2d7cd011db47', domain: 'contoso.onmicrosoft.com' }
export const PERSON = { oid: '00000000-0000-0000-0a0a-000000000001', upn: 'ada@contoso.com', name: 'Ada' }
export const SUBSCRIPTIONS = {
  development: '11111111-2222-3333-4444-000000000001',
  production: '11111111-2222-3333-4444-000000000002',
}

export interface Application {
  /** Whether it may sign people in with no secret. */
  isPublic: boolean
  redirect: string
  /** Whose tokens it trusts. */
  federated: { issuer: string; subject: string; audience: string }[]
}

/** The Azure CLI's, known to every tenant. */
export const CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'
export const DEPLOYER = 'c0ffee00-0000-4000-8000-000000000001'
const federated = {
  issuer: ISSUER,
  subject: 'repo:acme/infra:ref:refs/heads/main',
  audience: 'api://AzureADTokenExchange',
}
export const applications = new Map<string, Application>([
  [CLI, { isPublic: true, redirect: 'http://localhost', federated: [] }],
  [DEPLOYER, { isPublic: false, redirect: '', federated: [federated] }],
])

export interface EntraLifetimes {
  accessTokenSeconds: number
  refreshTokenSeconds: number
  deviceCodeSeconds: number
  pollIntervalSeconds: number
  /** What a container registry gives. */
  registryTokenSeconds: number
}

export interface Device {
  clientId: string
  userCode: string
  scope: string
  expiresAt: number
  decision: 'pending' | 'approved' | 'denied'
  polls: number
}

export interface Code {
  clientId: string
  redirectUri: string
  challenge: string
  scope: string
}

export interface EntraState {
  now(): number
  url: string
  approval: 'manual' | 'automatic'
  lifetimes: EntraLifetimes
  devices: Map<string, Device>
  codes: Map<string, Code>
  refreshTokens: Map<string, { clientId: string; expiresAt: number }>
  /** By name. */
  clusters: Map<string, AksChange>
  /** Every secret that was ever given out. */
  issued: Set<string>
  keys: Keys
}

export interface Keys {
  privateKey: CryptoKey
  publicKey: CryptoKey
  jwk: JWK
}

export async function newKeys(): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  return { privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid: 'entra', use: 'sig' } }
}

export function issue(state: EntraState, bytes = 64): string {
  const secret = `0.${randomBytes(bytes).toString('base64url')}`
  state.issued.add(secret)
  return secret
}

/** An access token as Entra ID's first version has it, which Azure's own services take. */
export async function accessToken(
  state: EntraState,
  resource: string,
  clientId: string,
  whose: Record<string, string>,
): Promise<string> {
  const claims = {
    ...whose,
    tid: TENANT.id,
    appid: clientId,
    ver: '1.0',
    uti: randomBytes(8).toString('hex'),
  }
  const token = await signed(state, claims, resource, `https://sts.windows.net/${TENANT.id}/`)
  state.issued.add(token)
  return token
}

export function idToken(state: EntraState, clientId: string): Promise<string> {
  const { oid, upn, name } = PERSON
  const claims = { tid: TENANT.id, oid, sub: oid, preferred_username: upn, name, ver: '2.0' }
  return signed(state, claims, clientId, `${state.url}/${TENANT.id}/v2.0`)
}

function signed({ keys, now, lifetimes }: EntraState, claims: object, audience: string, issuer: string) {
  const seconds = Math.floor(now() / 1000)
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'entra' })
    .setAudience(audience)
    .setIssuer(issuer)
    .setIssuedAt(seconds)
    .setNotBefore(seconds - 5)
    .setExpirationTime(seconds + lifetimes.accessTokenSeconds)
    .sign(keys.privateKey)
}

/** The claims of a good token for `audience`; throws for any other. */
export async function verified({ keys, now }: EntraState, token: string, audience: string) {
  const { payload } = await jwtVerify(token, keys.publicKey, { audience, currentDate: new Date(now()) })
  return payload
}
