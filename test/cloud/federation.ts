/** The federation endpoint: a session of a role becomes a sign-in token, and that once a sign-in to the web console. */
import { saidPage } from './pages.ts'
import { issueSecret, type State } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

const TOKEN_MS = 15 * 60_000
const CONSOLES = /^https:\/\/(?:[\w-]+\.)*console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)\//

export function getSigninToken(state: State, { body, query }: Asked): Reply {
  // The real one also takes it in the address, where proxies and logs see it.
  if (query.size > 0) throw refused('The session belongs in the body')
  const form = new URLSearchParams(body)
  if (form.get('Action') !== 'getSigninToken') throw refused('Action')
  const { sessionId = '', ...session } = JSON.parse(form.get('Session') ?? '{}') as Record<string, string>
  const key = state.keys.get(sessionId)
  const same = key?.secret === session.sessionKey && key?.session === session.sessionToken
  if (!key?.session || !same || state.now() >= key.expiresAt) throw refused('Session')
  if (!key.arn.includes(':assumed-role/')) throw refused('A session of a user opens no console')
  const seconds = form.get('SessionDuration')
  const most = key.byRole ? 0 : state.lifetimes.consoleSeconds
  if (seconds !== null && !(Number(seconds) >= 900 && Number(seconds) <= most))
    throw refused('SessionDuration')
  const token = issueSecret(state, 200)
  state.signinTokens.set(token, { arn: key.arn, expiresAt: state.now() + TOKEN_MS })
  return jsonReply({ SigninToken: token })
}

export function consoleLogin(state: State, { query }: Asked): Reply {
  const [token, destination] = [query.get('SigninToken') ?? '', query.get('Destination') ?? '']
  if (query.get('Action') !== 'login' || !query.get('Issuer')) throw refused('Action or Issuer')
  if (!CONSOLES.test(destination)) throw refused('Destination')
  const entry = state.signinTokens.get(token)
  state.signinTokens.delete(token)
  if (!entry || state.now() >= entry.expiresAt) throw refused('SigninToken')
  return saidPage(`Signed in as ${entry.arn}; the console would open ${destination}`)
}

function refused(what: string): Refused {
  return new Refused(400, 'BadRequest', `${what} is not acceptable.`)
}
