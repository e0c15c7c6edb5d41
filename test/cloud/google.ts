/** Google's token endpoint: refresh tokens and assertions for access tokens and identity tokens; and whose a token is. */
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { exportJWK, jwtVerify, SignJWT } from 'jose'
import { bearerOf, EMAIL_SCOPE, issueAccessToken } from './google-state.ts'
import type { State } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

const TOKEN_URL = 'https://oauth2.googleapis.com/token'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const KEY_ID = 'sandbox-google'

export function googleToken(state: State, asked: Asked): Reply | Promise<Reply> {
  const form = new URLSearchParams(asked.body)
  const grant = form.get('grant_type')
  if (grant === 'refresh_token') return refreshed(state, form)
  if (grant === JWT_BEARER) return asserted(state, form.get('assertion') ?? '')
  throw new Refused(400, 'unsupported_grant_type', `Invalid grant_type: ${grant}`)
}

function refreshed(state: State, form: URLSearchParams): Reply {
  const signIn = state.google.signIns.get(form.get('refresh_token') ?? '')
  if (!signIn) throw new Refused(400, 'invalid_grant', 'Token has been expired or revoked.')
  if (form.get('client_id') !== signIn.clientId || form.get('client_secret') !== signIn.clientSecret)
    throw new Refused(401, 'invalid_client', 'The OAuth client was not found.')
  if (signIn.needsReauth) throw new Refused(400, 'invalid_grant', 'reauth related error (invalid_rapt)')
  const wanted = form.get('scope')?.split(' ') ?? signIn.scopes
  if (wanted.some((scope) => !signIn.scopes.includes(scope)))
    throw new Refused(400, 'invalid_scope', 'Some requested scopes were invalid.')
  return granted(state, signIn.email, wanted, true)
}

/** An assertion is good for an hour, is for this endpoint, and is signed by a key of its issuer's. */
async function asserted(state: State, assertion: string): Promise<Reply> {
  const key = keyFor(state, assertion)
  if (!key) throw new Refused(400, 'invalid_grant', 'Invalid JWT Signature.')
  const { payload } = await jwtVerify(assertion, key.publicKey, {
    audience: TOKEN_URL,
    issuer: key.email,
    algorithms: ['RS256'],
    maxTokenAge: 3_600,
  }).catch((error: Error) => {
    throw new Refused(400, 'invalid_grant', `Invalid JWT: ${error.message}`)
  })
  if (typeof payload.target_audience === 'string')
    return jsonReply({ id_token: await identityToken(state, key.email, payload.target_audience) })
  const scopes = String(payload.scope ?? '').split(' ')
  if (scopes.includes('')) throw new Refused(400, 'invalid_scope', 'Empty or missing scope not allowed.')
  return granted(state, key.email, scopes, false)
}

function granted(state: State, principal: string, scopes: readonly string[], isPerson: boolean): Reply {
  const seconds = state.lifetimes.googleTokenSeconds
  const access_token = issueAccessToken(state, { principal, scopes, isPerson }, seconds)
  return jsonReply({ access_token, expires_in: seconds, scope: scopes.join(' '), token_type: 'Bearer' })
}

/** The mail address only where the token's scopes include it. */
export function tokenInfo(state: State, { headers }: Asked): Reply {
  const token = bearerOf(state, headers.authorization)
  if (!token) throw new Refused(400, 'invalid_token', 'Invalid Value')
  const email = token.scopes.includes(EMAIL_SCOPE) ? { email: token.principal, email_verified: 'true' } : {}
  return jsonReply({ scope: token.scopes.join(' '), ...email })
}

/** A token of Google's own for an audience, with the account's mail address. */
export async function identityToken(state: State, email: string, audience: string): Promise<string> {
  const now = Math.floor(state.now() / 1000)
  const token = await new SignJWT({ email, email_verified: true, azp: email })
    .setProtectedHeader({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })
    .setIssuer('https://accounts.google.com')
    .setAudience(audience)
    .setSubject(`sub-${email}`)
    .setIssuedAt(now)
    .setExpirationTime(now + 3_600)
    .sign(privateKey)
  state.issued.add(token)
  return token
}

/** Google's keys for identity tokens, as a JWKS. */
export async function certificates(): Promise<Reply> {
  const key = await exportJWK(createPublicKey(privateKey))
  return jsonReply({ keys: [{ ...key, kid: KEY_ID, alg: 'RS256', use: 'sig' }] })
}

/** Whoever signs need not say with which of the account's keys. */
function keyFor({ google }: State, assertion: string) {
  const [text, signature] = [assertion.replace(/\.[^.]*$/, ''), assertion.replace(/^.*\./, '')]
  const bytes = Buffer.from(signature, 'base64url')
  return [...google.keys].find((key) => verify('sha256', Buffer.from(text), key.publicKey, bytes))
}
