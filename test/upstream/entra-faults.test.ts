/** What Entra ID refuses with, as failures of ours. */
import t from 'tap'
import { withCache } from '../../daemon/upstream/entra-cache.ts'
import { authorizeUrl } from '../../daemon/upstream/entra-code-flow.ts'
import { meanings } from '../../daemon/upstream/entra-codes.ts'
import { processRefusal } from '../../daemon/upstream/entra-faults.ts'
import { azureToken } from '../../daemon/upstream/entra-token.ts'
import { signedJwt } from '../cloud/jwt.ts'

const answer = (body: object | string, status = 400, retryAfterSeconds?: number) => ({
  status,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  retryAfterSeconds,
})
const described =
  'AADSTS50173: The provided grant has expired. Fresh auth is needed.\r\nTrace ID: 1234\r\nTimestamp: now'

t.test('the same number means another thing at a sign-in, at a renewal and for a workload', async (t) => {
  const refusal = answer({ error: 'invalid_grant', error_description: described, error_codes: [50173] })
  t.match(processRefusal(refusal, 'renewal'), {
    code: 'LoginRequired',
    message: /can no longer be renewed: the password/,
  })
  t.match(processRefusal(refusal, 'sign-in'), { code: 'LoginRefused' })
  t.match(processRefusal(refusal, 'assertion'), { code: 'AccessDenied' })
  const policy = answer({ error: 'interaction_required', error_codes: [53003] })
  t.match(processRefusal(policy, 'renewal'), {
    code: 'LoginRequired',
    message: /Conditional Access blocks it/,
  })
  t.match(processRefusal(policy, 'sign-in'), { code: 'AccessDenied', hint: /administrator/ })
})

t.test('the number is in the text where it is not in the list', async (t) => {
  const text = answer({ error: 'invalid_client', error_description: 'AADSTS700016: Application not found.' })
  t.match(processRefusal(text, 'sign-in'), {
    code: 'UpstreamInvalid',
    message: /\(AADSTS700016\)/,
    hint: /client_id/,
  })
})

t.test('what is not known is told in the words of Entra ID, without its log numbers', async (t) => {
  const unknown = answer({
    error: 'invalid_request',
    error_description: 'AADSTS9999999: It is\u001b[31m odd.\r\nTrace ID: 7',
  })
  const failure = processRefusal(unknown, 'sign-in')
  t.equal(failure?.code, 'UpstreamInvalid')
  t.equal(failure?.message, 'Entra ID gave no token: AADSTS9999999: It is [31m odd.')
  t.match(processRefusal(answer({ error: 'invalid_grant' }), 'renewal'), { code: 'LoginRequired' })
  t.match(processRefusal(answer({ error: 'invalid_scope' }), 'renewal'), { code: 'UpstreamInvalid' })
  t.match(processRefusal(answer({ error: 'temporarily_unavailable' }), 'renewal'), {
    code: 'UpstreamUnavailable',
  })
})

t.test('answers that are none', async (t) => {
  t.match(processRefusal(answer('<html>', 503), 'renewal'), { code: 'UpstreamUnavailable' })
  t.match(processRefusal(answer('', 429), 'renewal'), { code: 'UpstreamThrottled', message: /too often\.$/ })
  t.match(processRefusal(answer('', 429, 17), 'renewal'), {
    code: 'UpstreamThrottled',
    message: /wants 17 seconds/,
    details: { retryAfterSeconds: 17 },
  })
  t.match(processRefusal(answer('<html>', 302), 'renewal'), { code: 'UpstreamInvalid', message: /redirects/ })
  t.match(processRefusal(answer('<html>', 404), 'renewal'), { code: 'UpstreamInvalid', hint: /proxy/ })
  t.equal(processRefusal(answer('{}', 200), 'renewal'), undefined)
})

t.test('a claims challenge is put in words', async (t) => {
  const asks = (claims: string) =>
    processRefusal(answer({ error: 'interaction_required', error_codes: [50076], claims }), 'renewal')
      ?.message
  t.match(asks('{"access_token":{"capolids":{}}}'), /\. A Conditional Access policy asks for it\.$/)
  t.match(asks('{"access_token":{"acrs":{"value":"c1"}}}'), /needs a stronger sign-in/)
  for (const odd of ['{', '[]', '{"access_token":null}', '{"access_token":"x"}', '{}'])
    t.match(asks(odd), /authenticator \(AADSTS50076\)\.$/, odd)
})

t.test('what a person can do nothing about here has a hint', async (t) => {
  for (const [number, { code, hint, says }] of Object.entries(meanings)) {
    t.notMatch(says, /\.$/, `${number} is part of a sentence`)
    if (code === 'AccessDenied' || code === 'UpstreamInvalid') t.ok(hint, `${number} has a hint`)
  }
})

t.test('whose a token is, it says itself, if it can be read', async (t) => {
  const entra = { tenant: 'contoso.com', scopes: ['a/.default'] }
  const given = (claims: object) => ({ token: signedJwt({ ...claims }), expiresAt: 1 })
  t.match(azureToken(given({ upn: 'a@b', tid: 'T', appid: 'C' }), entra), { principal: 'a@b', tenantId: 'T' })
  t.match(azureToken(given({ appid: 'C' }), entra), { principal: 'C', tenantId: 'contoso.com' })
  t.match(azureToken({ token: 'opaque', expiresAt: 1 }, entra, { username: 'a@b' }), { principal: 'a@b' })
  t.equal(azureToken(given({ upn: `${'x'.repeat(300)}\n` }), entra).principal?.length, 200)
})

t.test('caches of two sign-ins at once do not mix, and keep no access token', async (t) => {
  const sdk = await import('@azure/identity')
  const text = (name: string) =>
    JSON.stringify({ Account: { a: { username: name } }, AccessToken: { t: name } })
  const kept = await Promise.all(
    ['ada', 'bob'].map((name) =>
      withCache(sdk, text(name), async (cache) => [cache.record('c')?.username, JSON.parse(cache.kept())]),
    ),
  )
  t.match(kept, [
    ['ada', { Account: { a: { username: 'ada' } }, AccessToken: {} }],
    ['bob', { Account: { a: { username: 'bob' } }, AccessToken: {} }],
  ])
  t.same(await withCache(sdk, 'damaged', async (cache) => cache.record('c')), undefined)
})

t.test('the address for the browser', async (t) => {
  const at = { login: 'https://login.example', tenant: 'a b/c', clientId: 'C', scopes: ['x/.default'] }
  const url = authorizeUrl(at as never, {
    redirectUri: 'http://localhost:1',
    state: 's',
    codeVerifier: 'v'.repeat(43),
  })
  t.match(
    url,
    /^https:\/\/login\.example\/a%20b%2Fc\/oauth2\/v2\.0\/authorize\?client_id=C&response_type=code/,
  )
  t.equal(new URL(url).searchParams.get('scope'), 'x/.default openid profile offline_access')
})
