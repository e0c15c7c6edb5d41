/** Tokens of Google's metadata server from a cloud that is slow, fails or refuses, and for very many at once. */
import t from 'tap'
import { AuthError } from '../../shared/errors.ts'
import { google } from '../helpers/google-daemon.ts'
import { asked, DEFAULT, isOfTheService } from '../helpers/metadata.ts'

const STORAGE = 'https://www.googleapis.com/auth/devstorage.read_only'

type At = Awaited<ReturnType<typeof google>>
const tokenOf = async (at: At, query = '') => {
  const { status, body } = await asked(at.port, `${DEFAULT}/token${query}`)
  return status === 200 ? JSON.parse(body) : { status, body }
}

t.test('22, 139: a slow or failing cloud is 503 in time, with a word', async (t) => {
  const at = await google(t, { delayMs: 1_500 })
  const begun = performance.now()
  const answer = await asked(at.port, `${DEFAULT}/token`)
  t.ok(performance.now() - begun < 1_000, '149')
  t.match(answer, {
    status: 503,
    headers: { 'retry-after': '1', 'content-type': 'text/plain' },
    body: /^.{10,}\n$/,
  })
  t.ok(isOfTheService(answer))
  t.match((await asked(at.port, `${DEFAULT}/identity?audience=a`)).body, /^eyJ/, 'gcloud has no second try')
  at.knobs.failure = new AuthError('UpstreamThrottled', 'Too often.')
  t.match(await tokenOf(at, `?scopes=${STORAGE}`), { status: 503 })
})

t.test('140: what asking again will not change is 403, and says what to do', async (t) => {
  const failure = new AuthError('LoginRequired', 'Nobody is signed in.', { hint: 'Run `atmosctl login`.' })
  const at = await google(t, { failure, principal: undefined })
  const answer = await asked(at.port, `${DEFAULT}/token`)
  t.match(answer, {
    status: 403,
    headers: { 'content-type': 'text/plain' },
    body: /Nobody is signed in. Run `atmosctl/,
  })
  t.equal((await asked(at.port, `${DEFAULT}/email`)).body, 'ci@atmosd.invalid', 'gcloud goes on to the token')
})

t.test('139: what may pass is no reason for another name of the account', async (t) => {
  const failure = new AuthError('UpstreamUnavailable', 'The cloud is away.')
  const at = await google(t, { failure, principal: undefined })
  t.equal((await asked(at.port, `${DEFAULT}/email`)).status, 503)
})

t.test('140: a tool run that is over is refused', async (t) => {
  const at = await google(t)
  await at.grants.revoke(({ id }) => id === at.grant.id)
  t.match(await tokenOf(at), { status: 403, body: /is over/ })
})

t.test('149: a hundred at once have their token within a second', async (t) => {
  const at = await google(t)
  await tokenOf(at)
  const took = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const begun = performance.now()
      await tokenOf(at)
      return performance.now() - begun
    }),
  )
  t.ok(Math.max(...took) < 1_000, `${Math.round(Math.max(...took))} ms`)
  t.equal(at.calls.length, 1)
})
