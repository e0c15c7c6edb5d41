/** Sign-in of a person to Entra ID, on a sandbox that signs real tokens and checks what it is asked with. */
import t from 'tap'
import { issueGrant } from '../../daemon/operations/grant.ts'
import { whoami } from '../../daemon/operations/whoami.ts'
import { systemClock } from '../../daemon/system/clock.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import { PERSON, SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import type { Fault } from '../cloud/knobs.ts'
import { azureConfig, azurePlace, azureToken, browse, renewed, turnedClock } from '../helpers/azure.ts'
import { eventually } from '../helpers/eventually.ts'
import { failure } from '../helpers/failure.ts'
import { login } from '../helpers/identities.ts'

const MANAGEMENT = 'https://management.azure.com/.default'
const VAULT = 'https://vault.azure.net/.default'

t.test('azure/device-code', async (t) => {
  await t.test('a code is shown and confirmed; the token is the person’s, for the management', async (t) => {
    const { daemon, entra } = await azurePlace(t, {
      entra: { approval: 'manual', lifetimes: { deviceCodeSeconds: 300 } },
    })
    const shown: LoginEvent[] = []
    const done = await login(daemon, 'dev', (event) => {
      shown.push(event)
      if (event.type === 'device-code') entra.approve(event.userCode)
    })
    const session = { principal: PERSON.upn, account: SUBSCRIPTIONS.development, region: 'westeurope' }
    t.match(done, { type: 'done', session })
    t.match(
      shown.find(({ type }) => type === 'device-code'),
      { verificationUri: `${entra.url}/devicelogin`, userCode: /^[A-Z2-7]{9}$/ },
    )
    const code = shown.find((event) => event.type === 'device-code')
    t.ok(code && code.expiresAt - Date.now() < 301_000, 'as long as Entra ID says')
    const token = await azureToken(daemon, 'dev')
    t.match(token, { scope: MANAGEMENT, tenantId: TENANT.id, principal: PERSON.upn, session: undefined })
    const bearer = token.accessToken.reveal()
    t.match(await entra.claims(bearer), { upn: PERSON.upn, oid: PERSON.oid, tid: TENANT.id })
    const headers = { authorization: `Bearer ${bearer}` }
    const arm = await fetch(
      `${entra.url}/subscriptions/${SUBSCRIPTIONS.development}?api-version=2022-12-01`,
      { headers },
    )
    t.match(await arm.json(), { displayName: 'development', tenantId: TENANT.id })
  })

  await t.test('other scopes come from the sign-in, with nobody asked, once each', async (t) => {
    const { daemon, entra } = await azurePlace(t)
    await login(daemon, 'dev')
    const before = entra.calls('EntraToken')
    const vault = await azureToken(daemon, 'dev', VAULT)
    t.match(await entra.claims(vault.accessToken.reveal(), 'https://vault.azure.net'), { upn: PERSON.upn })
    t.match(vault, { scope: VAULT, session: undefined }, 'what renews the sign-in stays with it')
    t.equal((await azureToken(daemon, 'dev', VAULT)).accessToken.reveal(), vault.accessToken.reveal())
    t.equal(entra.calls('EntraToken') - before, 1)
    t.equal(entra.calls('EntraDeviceCode'), 1)
  })

  await t.test('two subscriptions of one sign-in, side by side', async (t) => {
    const domain = (url: string) => azureConfig()(url).replace(TENANT.id, TENANT.domain)
    const { daemon, entra } = await azurePlace(t, { config: domain })
    await login(daemon, 'dev')
    const { app, workspace } = daemon
    const both = ['dev', 'prod'].map((identity) => issueGrant(app.house, { workspace, identity }))
    const [dev, prod] = await Promise.all(both)
    t.match(dev?.facts, {
      subscription: SUBSCRIPTIONS.development,
      location: 'westeurope',
      resourceGroup: 'apps',
    })
    t.match(prod?.facts, { subscription: SUBSCRIPTIONS.production, location: undefined, cloud: 'public' })
    t.equal(prod?.facts?.tenant, TENANT.id, 'the id, though the configuration has the domain')
    t.match(await azureToken(daemon, 'prod', VAULT), { scope: VAULT, tenantId: TENANT.id })
    t.equal(entra.calls('EntraDeviceCode'), 1)
  })

  await t.test('it is renewed with nobody asked, and each time the token is a new one', async (t) => {
    const clock = turnedClock()
    const { daemon, entra } = await azurePlace(t, { clock, entra: { now: clock.now } })
    await login(daemon, 'dev')
    for (let hour = 0; hour < 5; hour++) {
      clock.turn(3_000_000)
      const lasts = async () => {
        const { accessToken, expiresAt } = await azureToken(daemon, 'dev')
        await entra.claims(accessToken.reveal())
        return expiresAt > clock.now() + 25 * 60_000
      }
      t.ok(await eventually(lasts), 'every token on the way was good')
    }
    const last = await azureToken(daemon, 'dev')
    t.not(
      (await renewed(daemon)).accessToken.reveal(),
      last.accessToken.reveal(),
      'as good as new as that was',
    )
    t.equal(entra.calls('EntraDeviceCode'), 1)
  })

  await t.test('the end of a sign-in is said, with what to do', async (t) => {
    const clock = turnedClock()
    const { daemon, entra } = await azurePlace(t, { clock, entra: { now: clock.now } })
    await login(daemon, 'dev')
    entra.revoke()
    t.match(await failure(renewed(daemon)), {
      code: 'LoginRequired',
      message:
        'The sign-in to Entra ID can no longer be renewed: the password was changed or the sign-in was revoked (AADSTS50173).',
      hint: 'Run `atmosctl login --provider contoso`.',
    })
    t.equal((await azureToken(daemon, 'dev')).type, 'azure-token', 'what is held stays good')
    clock.turn(4_001_000)
    const reply = await whoami(daemon.app.house, { workspace: daemon.workspace, identity: 'dev' })
    t.match(reply, { valid: false, principal: PERSON.upn, account: SUBSCRIPTIONS.development })
    t.match(reply, { reason: /AADSTS50173/, hint: /atmosctl login/ })
    t.match(await login(daemon, 'dev'), { type: 'done' })
    clock.turn(91 * 86_400_000)
    t.match(await failure(azureToken(daemon, 'dev')), {
      code: 'LoginRequired',
      message: /not used for too long/,
    })
  })

  await t.test('who refuses, is too slow or leaves', async (t) => {
    const clock = turnedClock()
    const { daemon, entra } = await azurePlace(t, { clock, entra: { approval: 'manual', now: clock.now } })
    const deciding = (decide: (userCode: string) => void) =>
      login(daemon, 'dev', (event) => {
        if (event.type === 'device-code') decide(event.userCode)
      })
    t.match(await deciding((code) => entra.deny(code)), {
      failure: { code: 'LoginRefused', message: /refused in the browser/ },
    })
    t.match(await deciding(() => clock.turn(901_000)), {
      failure: { code: 'LoginExpired', message: /expired before it was confirmed/ },
    })
    const leave = new AbortController()
    const left = login(daemon, 'dev', ({ type }) => type === 'device-code' && leave.abort(), leave)
    t.match(await left, { failure: { code: 'LoginCancelled' } })
  })
})

t.test('azure/interactive', async (t) => {
  const config = azureConfig('azure/interactive')

  await t.test('the browser comes back to this machine; renewal and scopes as by code', async (t) => {
    const { daemon, entra } = await azurePlace(t, { config })
    const pages: Promise<{ status: number; text: string }>[] = []
    let address = ''
    const done = await login(daemon, 'dev', (event) => {
      if (event.type !== 'browser') return
      address = event.address
      pages.push(browse(address))
    })
    t.match(done, { type: 'done', session: { principal: PERSON.upn } })
    t.match((await pages[0])?.text, /You can close this window/)
    const query = new URL(address).searchParams
    t.match(query.get('redirect_uri'), /^http:\/\/localhost:\d+$/)
    t.equal(query.get('code_challenge_method'), 'S256')
    const first = await azureToken(daemon, 'dev')
    t.not((await renewed(daemon)).accessToken.reveal(), first.accessToken.reveal())
    t.match(await azureToken(daemon, 'prod', VAULT), { scope: VAULT, principal: PERSON.upn })
    t.equal(entra.calls('EntraAuthorize'), 1)
  })

  await t.test('a refusal in the browser', async (t) => {
    const { daemon } = await azurePlace(t, { config, entra: { approval: 'manual' } })
    const refused = await login(daemon, 'dev', (event) => {
      if (event.type !== 'browser') return
      const { origin, pathname, search } = new URL(event.address)
      const body = new URLSearchParams({ decision: 'denied', request: search.slice(1) })
      void fetch(`${origin}${pathname}`, { method: 'POST', body }).catch(() => {})
    })
    t.match(refused, { failure: { code: 'LoginRefused', message: /refused in the browser/ } })
  })
})

const token: Pick<Fault, 'operation'> = { operation: 'EntraToken' }
const refusing = (code: string, message: string, claims?: string): Fault => ({
  ...token,
  kind: 'status',
  status: 400,
  code,
  message,
  ...(claims ? { claims } : {}),
})

t.test('Entra ID at its worst, while a token is good', async (t) => {
  const { daemon, entra } = await azurePlace(t)
  await login(daemon, 'dev')
  const held = await azureToken(daemon, 'dev')
  for (const [fault, expected] of [
    [
      { ...token, kind: 'reset' },
      { code: 'UpstreamUnavailable', message: /could not be reached/ },
    ],
    [
      { ...token, kind: 'garbage' },
      { code: 'UpstreamUnavailable', message: /nothing usable/ },
    ],
    [
      { ...token, kind: 'empty' },
      { code: 'UpstreamUnavailable', message: /nothing usable/ },
    ],
    [
      { ...token, kind: 'huge' },
      { code: 'UpstreamUnavailable', message: /no end/ },
    ],
    [
      { ...token, kind: 'status', status: 503 },
      { code: 'UpstreamUnavailable', message: /503/ },
    ],
    [
      { ...token, kind: 'status', status: 429, retryAfterSeconds: 30 },
      { code: 'UpstreamThrottled', message: /asked too often; it wants 30 seconds/ },
    ],
    [
      refusing(
        'interaction_required',
        'AADSTS50076: MFA.',
        '{"access_token":{"capolids":{"essential":true}}}',
      ),
      { code: 'LoginRequired', message: /more than a password.*A Conditional Access policy asks for it/ },
    ],
    [
      refusing('invalid_grant', 'AADSTS53003: Blocked.'),
      { code: 'LoginRequired', message: /Conditional Access/ },
    ],
    [
      refusing('invalid_grant', 'AADSTS65001: Consent.'),
      { code: 'AccessDenied', hint: /administrator consent/ },
    ],
    [
      refusing('invalid_grant', 'AADSTS999123: What.'),
      { code: 'LoginRequired', message: /AADSTS999123: What/ },
    ],
  ] as [Fault, object][]) {
    entra.fault(fault)
    t.match(await failure(renewed(daemon)), expected, JSON.stringify(fault))
    t.equal((await azureToken(daemon, 'dev')).accessToken.reveal(), held.accessToken.reveal())
    entra.clearFaults()
  }
  t.not((await renewed(daemon)).accessToken.reveal(), held.accessToken.reveal(), 'and then it is renewed')
})

t.test('an answer that does not come is given up, and nobody waits for it who has a token', async (t) => {
  const patience = (ms: number) => (ms === 10_000 ? 100 : ms)
  const impatient = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(patience(ms), signal),
  }
  const { daemon, entra } = await azurePlace(t, { clock: impatient })
  await login(daemon, 'dev')
  entra.fault({ operation: 'EntraToken', kind: 'hang' })
  const slow = failure(renewed(daemon))
  t.match(await azureToken(daemon, 'dev'), { type: 'azure-token' })
  t.match(await slow, { code: 'UpstreamUnavailable', message: /no answer within/ })
})

t.test('what a sign-in says of a wrong configuration', async (t) => {
  const said = async (from: string, to: string, kind = 'azure/device-code') => {
    const changed = (url: string) => azureConfig(kind)(url).replace(from, to)
    const { daemon } = await azurePlace(t, { config: changed })
    const last = await login(
      daemon,
      'dev',
      (event) => void (event.type === 'browser' && browse(event.address)),
    )
    return last.type === 'failed' ? last.failure : last
  }
  t.match(await said(TENANT.id, 'nobody.example'), {
    code: 'UpstreamInvalid',
    message: 'Entra ID gave no token: there is no such tenant (AADSTS90002).',
    hint: /tenant_id/,
  })
  t.match(await said('spec: {', 'client_id: 00000000-aaaa\n      spec: {'), {
    code: 'UpstreamInvalid',
    message: /no such application \(AADSTS700016\)/,
    hint: /client_id/,
  })
  t.match(await said("'https:", "'http:"), { code: 'ConfigInvalid', message: /over https alone/ })
})
