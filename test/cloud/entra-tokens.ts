/** The token endpoint of the sandbox's Entra ID. It checks what the real one checks, in the real one's numbers. */
import { createHash } from 'node:crypto'
import { accessToken, applications, type EntraState, idToken, issue, PERSON } from './entra-state.ts'
import { verifiedJwt } from './jwt.ts'
import { jsonReply, type Reply } from './wire.ts'

/** An error as Entra ID has them (RFC 6749 section 5.2, and more). */
export class EntraRefused extends Error {
  readonly error: string
  readonly number: number
  readonly more: Record<string, unknown>
  constructor(error: string, number: number, text: string, more: Record<string, unknown> = {}) {
    super(text)
    this.error = error
    this.number = number
    this.more = more
  }
}

export function refusedReply({ error, number, message, more }: EntraRefused, status = 400): Reply {
  const error_description = `AADSTS${number}: ${message}\r\nTrace ID: 0\r\nCorrelation ID: 0\r\nTimestamp: 2026-01-01 00:00:00Z`
  return jsonReply({ error, error_description, error_codes: [number], trace_id: '0', ...more }, status)
}

type Form = URLSearchParams
const GUEST_OF = '9188040d-6c67-4c5b-b112-36a304b66dad'
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
const OPENID = new Set(['openid', 'profile', 'offline_access', 'email'])

export async function token(state: EntraState, form: Form): Promise<Reply> {
  const clientId = form.get('client_id') ?? ''
  const application = applications.get(clientId)
  if (!application)
    throw new EntraRefused(
      'unauthorized_client',
      700016,
      `Application '${clientId}' was not found in the directory.`,
    )
  const resource = resourceOf(form.get('scope') ?? '')
  if (form.get('grant_type') === 'client_credentials') {
    proveWorkload(state, form, application.federated)
    return jsonReply(await common(state, await accessToken(state, resource, clientId, { oid: clientId })))
  }
  if (!application.isPublic)
    throw new EntraRefused('invalid_client', 7000218, 'The request body must contain client_assertion.')
  const work = grants[form.get('grant_type') ?? '']
  if (!work) throw new EntraRefused('unsupported_grant_type', 70003, 'The grant type is not supported.')
  work(state, form, clientId)
  return person(state, clientId, resource)
}

async function common({ lifetimes }: EntraState, access_token: string) {
  const expires_in = lifetimes.accessTokenSeconds
  return { token_type: 'Bearer', expires_in, ext_expires_in: expires_in, access_token }
}

async function person(state: EntraState, clientId: string, resource: string): Promise<Reply> {
  const refresh = issue(state)
  const expiresAt = state.now() + state.lifetimes.refreshTokenSeconds * 1000
  state.refreshTokens.set(refresh, { clientId, expiresAt })
  const { oid, upn } = PERSON
  const info = { uid: oid, utid: GUEST_OF } // a guest: their own tenant is another
  return jsonReply({
    ...(await common(state, await accessToken(state, resource, clientId, { oid, upn, unique_name: upn }))),
    scope: `${resource}/user_impersonation ${resource}/.default`,
    refresh_token: refresh,
    id_token: await idToken(state, clientId),
    client_info: Buffer.from(JSON.stringify(info)).toString('base64url'),
  })
}

/** One resource a token: `https://vault.azure.net/.default` is for https://vault.azure.net. An application's id is one too. */
export function resourceOf(scope: string): string {
  const wanted = scope.split(' ').filter((one) => one !== '' && !OPENID.has(one))
  const resources = new Set(wanted.map((one) => one.slice(0, one.lastIndexOf('/'))))
  const [resource] = resources
  if (resource && resources.size === 1 && (URL.canParse(resource) || GUID.test(resource))) return resource
  throw new EntraRefused('invalid_scope', 70011, `The provided value for scope ${scope} is not valid.`)
}

const grants: Record<string, (state: EntraState, form: Form, clientId: string) => void> = {
  /** As Microsoft's libraries spell it; RFC 8628 has a longer name for it. */
  device_code(state, form, clientId) {
    const device = state.devices.get(form.get('device_code') ?? '')
    if (!device || device.clientId !== clientId)
      throw new EntraRefused('bad_verification_code', 70018, 'Invalid verification code.')
    device.polls += 1
    if (state.approval === 'automatic' && device.polls >= 2 && device.decision === 'pending')
      device.decision = 'approved'
    if (device.decision === 'denied')
      throw new EntraRefused('authorization_declined', 70018, 'The end user declined.')
    if (state.now() >= device.expiresAt)
      throw new EntraRefused('expired_token', 70020, 'The code has expired.')
    if (device.decision === 'pending')
      throw new EntraRefused(
        'authorization_pending',
        70016,
        'OAuth 2.0 device flow error. Authorization is pending.',
      )
    state.devices.delete(form.get('device_code') ?? '')
  },

  authorization_code(state, form, clientId) {
    const issued = state.codes.get(form.get('code') ?? '')
    state.codes.delete(form.get('code') ?? '') // single use
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!issued || issued.clientId !== clientId || issued.redirectUri !== form.get('redirect_uri'))
      throw new EntraRefused('invalid_grant', 70008, 'The provided authorization code is invalid.')
    if (issued.challenge !== challenge)
      throw new EntraRefused('invalid_grant', 501481, 'The Code_Verifier does not match the code_challenge.')
  },

  /** The old one stays good, and is good for any resource. */
  refresh_token(state, form, clientId) {
    const issued = state.refreshTokens.get(form.get('refresh_token') ?? '')
    if (!issued || issued.clientId !== clientId)
      throw new EntraRefused(
        'invalid_grant',
        50173,
        'The provided grant has expired due to it being revoked.',
      )
    if (state.now() >= issued.expiresAt)
      throw new EntraRefused('invalid_grant', 700082, 'The refresh token has expired due to inactivity.')
  },
}

function proveWorkload(
  state: EntraState,
  form: Form,
  trusted: { issuer: string; subject: string; audience: string }[],
): void {
  if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    throw new EntraRefused('invalid_client', 7000216, 'client_assertion is required.')
  const claims = verifiedJwt(form.get('client_assertion') ?? '')
  if (!claims) throw new EntraRefused('invalid_client', 50013, 'Assertion failed signature validation.')
  if (Number(claims.exp) * 1000 <= state.now())
    throw new EntraRefused('invalid_client', 700024, 'Client assertion is not within its valid time range.')
  const ours = trusted.filter(({ issuer }) => issuer === claims.iss)
  if (ours.length === 0)
    throw new EntraRefused('invalid_client', 700211, 'No matching federated identity record: issuer.')
  if (!ours.some(({ audience }) => audience === claims.aud))
    throw new EntraRefused('invalid_client', 700212, 'No matching federated identity record: audience.')
  if (!ours.some(({ subject }) => subject === claims.sub))
    throw new EntraRefused('invalid_client', 700213, 'No matching federated identity record: subject.')
}
