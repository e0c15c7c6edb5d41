/** Google's Security Token Service: the token of an issuer that a pool trusts, checked against that issuer's keys. */
import { type JWTPayload, jwtVerify } from 'jose'
import { type Issuer, issueAccessToken } from './google-state.ts'
import type { State } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

const FIELDS = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
}

export async function exchange(state: State, asked: Asked): Promise<Reply> {
  const form = new URLSearchParams(asked.body)
  for (const [name, value] of Object.entries(FIELDS))
    if (form.get(name) !== value) throw new Refused(400, 'invalid_request', `Invalid value for "${name}".`)
  const audience = form.get('audience') ?? ''
  const trusted = state.google.issuers.get(audience)
  if (!trusted)
    throw new Refused(400, 'invalid_target', `The target service indicated by the "audience" is invalid.`)
  const scopes = (form.get('scope') ?? '').split(' ')
  if (scopes.includes('')) throw new Refused(400, 'invalid_scope', 'The scope is missing.')
  const claims = await verified(state, form.get('subject_token') ?? '', audience, trusted)
  if (trusted.condition?.(claims) === false)
    throw new Refused(
      400,
      'unauthorized_client',
      'The given credential is rejected by the attribute condition.',
    )
  state.google.exchanged.push(claims)
  const seconds = state.lifetimes.googleTokenSeconds
  const pool = audience.replace(/\/providers\/.*/, '')
  const principal = `principal:${pool}/subject/${claims.sub}`
  const access_token = issueAccessToken(state, { principal, scopes }, seconds)
  const issued_token_type = FIELDS.requested_token_type
  return jsonReply({ access_token, issued_token_type, token_type: 'Bearer', expires_in: seconds })
}

/** Without a list of its own a provider takes its full name as audience, with or without `https:`. */
async function verified(
  state: State,
  token: string,
  name: string,
  { issuer, key, audiences = [name, `https:${name}`] }: Issuer,
): Promise<JWTPayload> {
  const expected = { issuer, audience: [...audiences], currentDate: new Date(state.now()) }
  try {
    const { payload } = await (typeof key === 'function'
      ? jwtVerify(token, key, expected)
      : jwtVerify(token, key, expected))
    return payload
  } catch (error) {
    throw new Refused(400, 'invalid_grant', `Error verifying the ID Token: ${(error as Error).message}`)
  }
}
