/** GitHub's token endpoint for jobs: a signed token for an audience, to whoever has the secret of a running job. */
import { signedJwt } from './jwt.ts'
import { issueSecret, type State } from './state.ts'
import { type Asked, jsonReply, type Reply } from './wire.ts'

export const ISSUER = 'https://token.actions.githubusercontent.com'
/** The real address is long and already has a query, which composing the audience has to respect. */
export const ID_TOKEN_PATH = '/_apis/distributedtask/hubs/build/idtoken'

export function idToken(state: State, { query, headers }: Asked): Reply {
  const [scheme, secret = ''] = (headers.authorization ?? '').split(' ')
  const job = scheme === 'Bearer' ? state.jobs.get(secret) : undefined
  if (!job?.running) return jsonReply({ message: 'The job is not running.' }, 401)
  if (!job.mayAsk) return jsonReply({ message: 'Resource not accessible by integration' }, 403)
  if (query.get('api-version') !== '2.0') return jsonReply({ message: 'No api-version was given.' }, 400)
  const audience = query.get('audience') ?? 'https://github.com/acme'
  const now = Math.floor(state.now() / 1000)
  const value = signedJwt({
    iss: ISSUER,
    aud: audience,
    sub: `repo:acme/${job.repository}:ref:refs/heads/main`,
    nbf: now - 5,
    iat: now,
    exp: now + state.lifetimes.idTokenSeconds,
    jti: String(state.issued.size),
  })
  state.issued.add(value)
  return jsonReply({ count: value.length, value })
}

/** The variables of a new job's steps. Without `mayAsk` GitHub does not set the two of them at all. */
export function startJob(state: State, url: string, repository = 'infra'): Record<string, string> {
  const secret = issueSecret(state)
  state.jobs.set(secret, { repository, running: true, mayAsk: true })
  return {
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}${ID_TOKEN_PATH}?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
  }
}
