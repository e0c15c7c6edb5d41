/** AWS Sign-In for programs: a page to decide on, codes with PKCE, and tokens that rotate and are bound to a key. */
import { createHash } from 'node:crypto'
import { provenKey } from './dpop.ts'
import { signedJwt } from './jwt.ts'
import { decisionPage, saidPage } from './pages.ts'
import { issueKeys, issueSecret, type SigninCode, type SigninToken, type State, USER } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

const SAME = 'arn:aws:signin:::devtools/same-device'
const CROSS = 'arn:aws:signin:::devtools/cross-device'
const CONFIRMATION = '/v1/sessions/confirmation'
const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/
const CODE_SECONDS = 600

/** Shows what is asked for; what the person decides goes back with the browser. */
export function signinPage(state: State, asked: Asked): Reply {
  const form = new URLSearchParams(asked.body)
  const query = asked.method === 'POST' ? new URLSearchParams(form.get('request') ?? '') : asked.query
  check(query, asked.headers.host ?? '')
  if (asked.method === 'POST') return back(state, query, form.get('decision') === 'approved')
  if (state.approval === 'automatic') return back(state, query, true)
  return decisionPage('/v1/authorize', 'A program asks to use AWS as you.', { request: query.toString() })
}

/** The code as a person copies it to another machine. */
export function confirmationPage(_: State, { query }: Asked): Reply {
  const [code, given] = [query.get('code'), query.get('state') ?? '']
  if (!code) return saidPage(`Nothing was given: ${query.get('error')}.`)
  const shown = new URLSearchParams({ state: given, code })
  return saidPage(`Enter this code: ${Buffer.from(shown.toString()).toString('base64')}`)
}

function check(query: URLSearchParams, host: string): void {
  const redirect = query.get('redirect_uri') ?? ''
  const known =
    (query.get('client_id') === SAME && LOOPBACK.test(redirect)) ||
    (query.get('client_id') === CROSS && redirect === `http://${host}${CONFIRMATION}`)
  const fits =
    query.get('response_type') === 'code' &&
    query.get('code_challenge_method') === 'SHA-256' &&
    /^[\w-]{43}$/.test(query.get('code_challenge') ?? '') &&
    (query.get('state') ?? '').length >= 16 &&
    query.get('scope') === 'openid'
  if (!known || !fits) throw invalid('The authorization request is wrong.')
}

function back(state: State, query: URLSearchParams, approved: boolean): Reply {
  const target = new URL(query.get('redirect_uri') ?? '')
  target.searchParams.set('state', query.get('state') ?? '')
  if (approved) {
    const code = issueSecret(state)
    state.signinCodes.set(code, {
      clientId: query.get('client_id') ?? '',
      redirectUri: query.get('redirect_uri') ?? '',
      challenge: query.get('code_challenge') ?? '',
      expiresAt: state.now() + CODE_SECONDS * 1000,
    })
    target.searchParams.set('code', code)
  } else target.searchParams.set('error', 'access_denied')
  return { status: 302, headers: { Location: target.href }, body: '' }
}

type Body = Record<string, string | undefined>

export async function createOAuth2Token(state: State, asked: Asked): Promise<Reply> {
  if (asked.headers['content-type'] !== 'application/json') throw invalid('The body is no JSON.')
  const given = JSON.parse(asked.body) as Body
  const key = await provenKey(state, asked)
  if (given.grantType === 'authorization_code') {
    const { clientId } = redeemedCode(state, given)
    const endsAt = state.now() + state.lifetimes.signinSeconds * 1000
    const idToken = signedJwt({ sub: USER.arn, aud: clientId, iat: Math.floor(state.now() / 1000) })
    return tokens(state, { clientId, key, endsAt }, { idToken })
  }
  if (given.grantType === 'refresh_token') return tokens(state, redeemedToken(state, given, key))
  throw invalid('The grant type is not known.')
}

function redeemedCode(
  state: State,
  { clientId, code = '', redirectUri, codeVerifier = '' }: Body,
): SigninCode {
  const issued = state.signinCodes.get(code)
  state.signinCodes.delete(code)
  const fits =
    issued?.clientId === clientId &&
    issued?.redirectUri === redirectUri &&
    issued?.challenge === createHash('sha256').update(codeVerifier).digest('base64url')
  if (!issued || !fits) throw invalid('The code is not valid.', 'invalid_grant')
  if (state.now() >= issued.expiresAt) throw denied('AUTHCODE_EXPIRED')
  return issued
}

function redeemedToken(state: State, { clientId, refreshToken = '' }: Body, key: string): SigninToken {
  const issued = state.refreshables.get(refreshToken)
  if (!issued || issued.clientId !== clientId)
    throw invalid('The refresh token is not valid.', 'invalid_grant')
  if (issued.key !== key) throw invalid('The refresh token is bound to another key.', 'invalid_grant')
  if (state.now() >= issued.endsAt) throw denied('TOKEN_EXPIRED')
  if (issued.revoked) throw denied('USER_CREDENTIALS_CHANGED')
  state.refreshables.delete(refreshToken) // rotated: the old one is refused from now on
  return issued
}

function tokens(state: State, owner: SigninToken, more: object = {}): Reply {
  const refreshToken = issueSecret(state, 256)
  state.refreshables.set(refreshToken, owner)
  const expiresIn = state.lifetimes.signinKeysSeconds
  const { expiresAt: _, ...accessToken } = issueKeys(
    state,
    { account: USER.account, arn: USER.arn, chained: false },
    expiresIn,
  )
  return jsonReply({ accessToken, tokenType: 'aws_sigv4', expiresIn, refreshToken, ...more })
}

function denied(error: string): Refused {
  return new Refused(400, 'AccessDeniedException', `Access is denied: ${error}.`, { error })
}

function invalid(message: string, error = 'INVALID_REQUEST'): Refused {
  return new Refused(400, 'ValidationException', message, { error })
}
