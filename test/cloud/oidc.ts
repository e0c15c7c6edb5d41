/** SSO OIDC: clients, device codes, authorization codes with PKCE, and tokens that rotate. */
import { createHash, randomBytes } from 'node:crypto'
import {
  type AuthorizationCode,
  base32,
  type Client,
  type DeviceCode,
  issueSecret,
  type State,
} from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const REDIRECT = 'http://127.0.0.1/oauth/callback'
const SCOPE = 'sso:account:access'
const CODE_SECONDS = 60

type Body = Record<string, unknown>

export function registerClient(state: State, { body }: Asked): Reply {
  const { clientName, clientType, scopes, redirectUris, grantTypes, issuerUrl } = parsed(body)
  require_({ clientName, clientType })
  if (clientType !== 'public')
    throw new Refused(400, 'InvalidClientMetadataException', 'clientType must be public.')
  const grants = strings(grantTypes)
  if (grants.includes('authorization_code')) {
    require_({ issuerUrl })
    if (strings(redirectUris).some((uri) => uri !== REDIRECT)) {
      throw new Refused(400, 'InvalidRedirectUriException', `Only ${REDIRECT} can be registered.`)
    }
  }
  const clientId = randomBytes(16).toString('base64url')
  const expiresAt = state.now() + state.lifetimes.clientSecretSeconds * 1000
  const client = {
    secret: issueSecret(state, 48),
    expiresAt,
    scopes: strings(scopes),
    redirectUris: strings(redirectUris),
    grantTypes: grants,
  }
  state.clients.set(clientId, client)
  return jsonReply({
    clientId,
    clientSecret: client.secret,
    clientIdIssuedAt: Math.floor(state.now() / 1000),
    clientSecretExpiresAt: Math.floor(expiresAt / 1000),
  })
}

export function startDeviceAuthorization(state: State, { body, headers }: Asked): Reply {
  const { clientId, clientSecret, startUrl } = parsed(body)
  require_({ clientId, clientSecret, startUrl })
  const { grantTypes } = clientOf(state, clientId, clientSecret)
  if (grantTypes.length > 0 && !grantTypes.includes(DEVICE_GRANT))
    throw new Refused(400, 'UnauthorizedClientException', 'The client is not registered for device codes.')
  const code = base32(randomBytes(8))
  const device: DeviceCode = {
    clientId: String(clientId),
    userCode: `${code.slice(0, 4)}-${code.slice(4)}`,
    expiresAt: state.now() + state.lifetimes.deviceCodeSeconds * 1000,
    decision: 'pending',
    intervalMs: state.lifetimes.pollIntervalSeconds * 1000,
    polledAt: 0,
    polls: 0,
  }
  const deviceCode = issueSecret(state)
  state.devices.set(deviceCode, device)
  const page = `http://${headers.host}/device`
  return jsonReply({
    deviceCode,
    userCode: device.userCode,
    verificationUri: page,
    verificationUriComplete: `${page}?user_code=${device.userCode}`,
    expiresIn: state.lifetimes.deviceCodeSeconds,
    interval: state.lifetimes.pollIntervalSeconds,
  })
}

export function createToken(state: State, { body }: Asked): Reply {
  const given = parsed(body)
  const { clientId, clientSecret, grantType } = given
  require_({ clientId, clientSecret, grantType })
  const client = clientOf(state, clientId, clientSecret)
  if (grantType === DEVICE_GRANT) redeemDevice(state, given)
  else if (grantType === 'authorization_code') redeemCode(state, given)
  else if (grantType === 'refresh_token') redeemRefresh(state, given)
  else throw new Refused(400, 'UnsupportedGrantTypeException', `Unsupported grant type ${grantType}`)
  return tokens(state, String(clientId), client)
}

function tokens(state: State, clientId: string, client: Client): Reply {
  const { accessTokenSeconds, refreshTokenSeconds } = state.lifetimes
  const accessToken = issueSecret(state, 48)
  state.accessTokens.set(accessToken, state.now() + accessTokenSeconds * 1000)
  const answer: Body = { accessToken, tokenType: 'Bearer', expiresIn: accessTokenSeconds }
  if (client.scopes.includes(SCOPE)) {
    const refreshToken = issueSecret(state, 48)
    state.refreshTokens.set(refreshToken, { clientId, expiresAt: state.now() + refreshTokenSeconds * 1000 })
    answer.refreshToken = refreshToken
  }
  return jsonReply(answer)
}

function redeemDevice(state: State, { clientId, deviceCode }: Body): void {
  require_({ deviceCode })
  const device = state.devices.get(String(deviceCode))
  if (!device || device.clientId !== clientId)
    throw new Refused(400, 'InvalidGrantException', 'Invalid device code.')
  if (state.now() >= device.expiresAt)
    throw new Refused(400, 'ExpiredTokenException', 'The device code has expired.')
  const early = state.now() - device.polledAt < device.intervalMs
  device.polledAt = state.now()
  device.polls += 1
  if (state.approval === 'automatic' && device.polls >= 2 && device.decision === 'pending')
    device.decision = 'approved'
  if (device.decision === 'denied') throw new Refused(400, 'AccessDeniedException', 'The request was denied.')
  if (device.decision === 'pending' && early) throw new Refused(400, 'SlowDownException', 'Polling too fast.')
  if (device.decision === 'pending')
    throw new Refused(400, 'AuthorizationPendingException', 'Authorization is pending.')
  state.devices.delete(String(deviceCode))
}

function redeemCode(state: State, { clientId, code, redirectUri, codeVerifier }: Body): void {
  require_({ code, redirectUri, codeVerifier })
  const issued = state.codes.get(String(code))
  state.codes.delete(String(code)) // single use, right or wrong: RFC 6749 section 4.1.2
  const challenge = createHash('sha256').update(String(codeVerifier)).digest('base64url')
  const fits =
    issued &&
    issued.clientId === clientId &&
    issued.redirectUri === redirectUri &&
    issued.challenge === challenge
  if (!fits || state.now() >= issued.expiresAt)
    throw new Refused(400, 'InvalidGrantException', 'Invalid code.')
}

function redeemRefresh(state: State, { clientId, refreshToken }: Body): void {
  require_({ refreshToken })
  const issued = state.refreshTokens.get(String(refreshToken))
  state.refreshTokens.delete(String(refreshToken)) // rotated: the old one is refused from now on
  if (!issued || issued.clientId !== clientId || state.now() >= issued.expiresAt) {
    throw new Refused(400, 'InvalidGrantException', 'Invalid refresh token.')
  }
}

/** Checks an authorization request and remembers its code. Returns where the browser goes next. */
export function authorize(state: State, query: URLSearchParams, decision: 'approved' | 'denied'): string {
  const redirectUri = query.get('redirect_uri') ?? ''
  checkAuthorization(state, query, redirectUri)
  const back = new URL(redirectUri)
  back.searchParams.set('state', query.get('state') ?? '')
  if (decision === 'denied') {
    back.searchParams.set('error', 'access_denied')
    return back.href
  }
  const code = issueSecret(state)
  const issued: AuthorizationCode = {
    clientId: query.get('client_id') ?? '',
    redirectUri,
    challenge: query.get('code_challenge') ?? '',
    expiresAt: state.now() + CODE_SECONDS * 1000,
  }
  state.codes.set(code, issued)
  back.searchParams.set('code', code)
  return back.href
}

export function checkAuthorization(state: State, query: URLSearchParams, redirectUri: string): void {
  const client = state.clients.get(query.get('client_id') ?? '')
  if (!client?.grantTypes.includes('authorization_code'))
    throw new Refused(400, 'UnauthorizedClientException', 'Unknown client.')
  if (!/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/.test(redirectUri)) {
    throw new Refused(
      400,
      'InvalidRedirectUriException',
      'The redirect URI is not the registered one with a port.',
    )
  }
  const fits =
    query.get('response_type') === 'code' &&
    query.get('code_challenge_method') === 'S256' &&
    /^[\w-]{43}$/.test(query.get('code_challenge') ?? '') &&
    (query.get('state') ?? '').length >= 16
  if (!fits)
    throw new Refused(400, 'InvalidRequestException', 'response_type, state or code challenge is wrong.')
  if (query.get('scopes') !== SCOPE) throw new Refused(400, 'InvalidScopeException', 'The scope is missing.')
}

function clientOf(state: State, id: unknown, secret: unknown): Client {
  const client = state.clients.get(String(id))
  if (client && client.secret === secret && state.now() < client.expiresAt) return client
  throw new Refused(401, 'InvalidClientException', 'Invalid client or client secret.')
}

function parsed(body: string): Body {
  try {
    return JSON.parse(body) as Body
  } catch {
    throw new Refused(400, 'InvalidRequestException', 'The body is not JSON.')
  }
}

function require_(fields: Body): void {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string' || value === '')
      throw new Refused(400, 'InvalidRequestException', `${name} is missing.`)
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
