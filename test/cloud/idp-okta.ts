/** Okta: the states of its authentication API, and the application behind the cookie of a session. */
import { cookie, type IdpState, PERSON, page, redirect } from './idp-state.ts'
import { type Asked, jsonReply, type Reply } from './wire.ts'

const looks = new WeakMap<IdpState, number>()

export async function okta(state: IdpState, asked: Asked): Promise<Reply> {
  const { path, method } = asked
  if (path === '/api/v1/authn' && method === 'POST') return authn(state, JSON.parse(asked.body))
  const [, factor] = /^\/api\/v1\/authn\/factors\/(\w+)\/verify$/.exec(path) ?? []
  if (factor && method === 'POST') return verify(state, factor, JSON.parse(asked.body))
  if (path === '/login/sessionCookieRedirect') return session(state, asked)
  if (path.startsWith('/okta/app')) return app(state, asked)
  return refused(404, 'E0000022', 'The endpoint does not support the provided HTTP method')
}

function authn(state: IdpState, given: { username?: string; password?: string }): Reply {
  state.count('password')
  const { knobs } = state
  if (given.username !== PERSON.name || given.password !== PERSON.password)
    return refused(401, 'E0000004', 'Authentication failed')
  if (knobs.locked) return jsonReply({ status: 'LOCKED_OUT', _links: {} })
  if (knobs.status) return jsonReply({ status: knobs.status, stateToken: state.secret() })
  if (knobs.factor === 'none') return success(state)
  const stateToken = state.secret()
  state.sessions.add(stateToken)
  const types = { totp: 'token:software:totp', push: 'push', sms: 'sms', webauthn: 'webauthn' }
  const factors = [
    { id: 'ques1', factorType: 'question', provider: 'OKTA' },
    { id: 'fac1', factorType: types[knobs.factor], provider: 'OKTA' },
  ]
  looks.set(state, 0)
  return jsonReply({ status: 'MFA_REQUIRED', stateToken, _embedded: { factors } })
}

function verify(state: IdpState, factor: string, given: { stateToken?: string; passCode?: string }): Reply {
  state.count('verify')
  const { factor: kind, push } = state.knobs
  if (factor !== 'fac1' || !state.sessions.has(given.stateToken ?? ''))
    return refused(401, 'E0000011', 'Invalid token provided')
  if (kind === 'push') return pushed(state, push)
  if (kind === 'sms' && given.passCode === undefined) return jsonReply({ status: 'MFA_CHALLENGE' })
  if (given.passCode === PERSON.code) return success(state)
  return refused(403, 'E0000068', 'Invalid Passcode/Answer')
}

function pushed(state: IdpState, { looks: needed, result, number }: IdpState['knobs']['push']): Reply {
  const looked = looks.get(state) ?? 0
  looks.set(state, looked + 1)
  const challenge = number === undefined ? {} : { challenge: { correctAnswer: number } }
  const _embedded = { factor: { id: 'fac1', factorType: 'push', _embedded: challenge } }
  if (looked < needed) return jsonReply({ status: 'MFA_CHALLENGE', factorResult: 'WAITING', _embedded })
  return result === 'SUCCESS'
    ? success(state)
    : jsonReply({ status: 'MFA_CHALLENGE', factorResult: result, _embedded })
}

function success(state: IdpState): Reply {
  const sessionToken = state.secret()
  state.sessions.add(sessionToken)
  return jsonReply({ status: 'SUCCESS', sessionToken })
}

/** The token is good once. */
function session(state: IdpState, { query }: Asked): Reply {
  const to = query.get('redirectUrl') ?? ''
  if (!state.sessions.delete(query.get('token') ?? '') || !to.startsWith(`${state.url}/`))
    return { status: 403, body: 'Forbidden' }
  const sid = state.secret()
  state.sessions.add(sid)
  return redirect(to, { 'Set-Cookie': `sid=${sid}; Path=/; HttpOnly; SameSite=None` })
}

async function app(state: IdpState, asked: Asked): Promise<Reply> {
  const known = state.sessions.has(cookie(asked, 'sid'))
  if (known && state.knobs.changed === 'no') return state.postPage()
  return page('<body><div id="okta-sign-in"></div><script src="/js/widget.js"></script></body>')
}

function refused(status: number, errorCode: string, errorSummary: string): Reply {
  return jsonReply(
    { errorCode, errorSummary, errorLink: errorCode, errorId: 'sandbox', errorCauses: [] },
    status,
  )
}
