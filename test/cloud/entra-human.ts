/** The person's side of the sandbox's Entra ID: device codes, and the page that sends the browser back. */
import { randomBytes } from 'node:crypto'
import { applications, type EntraState, issue } from './entra-state.ts'
import { EntraRefused, resourceOf } from './entra-tokens.ts'
import { codeShown, decisionPage, saidPage } from './pages.ts'
import { base32 } from './state.ts'
import { type Asked, jsonReply, type Reply } from './wire.ts'

export function deviceCode(state: EntraState, form: URLSearchParams): Reply {
  const clientId = form.get('client_id') ?? ''
  if (!applications.has(clientId))
    throw new EntraRefused('unauthorized_client', 700016, `Application '${clientId}' was not found.`)
  const scope = form.get('scope') ?? ''
  resourceOf(scope)
  const { deviceCodeSeconds, pollIntervalSeconds } = state.lifetimes
  const expiresAt = state.now() + deviceCodeSeconds * 1000
  const device = {
    clientId,
    userCode: base32(randomBytes(9)),
    scope,
    expiresAt,
    decision: 'pending',
    polls: 0,
  } as const
  const device_code = issue(state)
  state.devices.set(device_code, { ...device })
  return jsonReply({
    user_code: device.userCode,
    device_code,
    verification_uri: `${state.url}/devicelogin`,
    expires_in: deviceCodeSeconds,
    interval: pollIntervalSeconds,
    message: `To sign in, open ${state.url}/devicelogin and enter ${device.userCode}.`,
  })
}

export function decideDevice(
  { devices }: EntraState,
  userCode: string,
  decision: 'approved' | 'denied',
): boolean {
  const device = [...devices.values()].find((one) => one.userCode === userCode && one.decision === 'pending')
  if (device) device.decision = decision
  return device !== undefined
}

export function deviceLogin(state: EntraState, { method, query, body }: Asked): Reply {
  const form = method === 'POST' ? new URLSearchParams(body) : query
  const userCode = form.get('user_code') ?? ''
  if (method !== 'POST') return decisionPage('/devicelogin', codeShown(userCode), { user_code: userCode })
  const decision = form.get('decision') === 'approved' ? 'approved' : 'denied'
  return saidPage(
    decideDevice(state, userCode, decision) ? `It is ${decision}.` : 'That code is not waiting.',
  )
}

export function authorize(state: EntraState, { method, query, body, path }: Asked): Reply {
  const form = new URLSearchParams(body)
  const wanted = method === 'POST' ? new URLSearchParams(form.get('request') ?? '') : query
  const back = checked(wanted)
  if (method !== 'POST' && state.approval !== 'automatic')
    return decisionPage(path, 'A program on your machine asks for access.', { request: query.toString() })
  if (method === 'POST' && form.get('decision') !== 'approved') {
    back.searchParams.set('error', 'access_denied')
    back.searchParams.set('error_description', 'AADSTS65004: User declined to consent to access the app.')
  } else {
    const code = issue(state)
    const [clientId, redirectUri, challenge, scope] = [
      'client_id',
      'redirect_uri',
      'code_challenge',
      'scope',
    ].map((name) => wanted.get(name) ?? '') as [string, string, string, string]
    state.codes.set(code, { clientId, redirectUri, challenge, scope })
    back.searchParams.set('code', code)
  }
  return { status: 302, headers: { Location: back.href }, body: '' }
}

/** Where the browser goes next. Nothing is sent to an address that the application has not registered. */
function checked(query: URLSearchParams): URL {
  const application = applications.get(query.get('client_id') ?? '')
  const redirect = query.get('redirect_uri') ?? ''
  // Loopback addresses match whatever their port (RFC 8252 section 7.3).
  if (!application || redirect.replace(/:\d+\/?$/, '') !== application.redirect)
    throw new EntraRefused('invalid_request', 50011, 'The redirect URI does not match.')
  const fits =
    query.get('response_type') === 'code' &&
    query.get('code_challenge_method') === 'S256' &&
    /^[\w-]{43}$/.test(query.get('code_challenge') ?? '') &&
    (query.get('scope') ?? '').split(' ').includes('offline_access')
  if (!fits)
    throw new EntraRefused('invalid_request', 900144, 'response_type, scope or code challenge is wrong.')
  resourceOf(query.get('scope') ?? '')
  const back = new URL(redirect)
  back.searchParams.set('state', query.get('state') ?? '')
  return back
}
