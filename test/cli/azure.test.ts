/** Azure by the commands of a person: a daemon of its own process that trusts the sandbox's authority. */
import t from 'tap'
import { ENTRA_CA, type EntraOptions, startEntra } from '../cloud/entra.ts'
import { PERSON, SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import { azureConfig } from '../helpers/azure.ts'
import { eventually } from '../helpers/eventually.ts'
import { type Outcome, testHome } from '../helpers/house.ts'
import { filesIn, leaks, type Place } from '../helpers/secrets.ts'

async function azureHome(t: { teardown(work: () => Promise<void>): void }, options: EntraOptions = {}) {
  const entra = await startEntra(options)
  const home = testHome({ keyringPassword: 'correct horse battery' })
  home.env.NODE_EXTRA_CA_CERTS = ENTRA_CA
  home.env.ATMOSD_LOG_LEVEL = 'trace'
  home.config(azureConfig('azure/device-code', '', 'file')(entra.url))
  t.teardown(async () => {
    await home.remove()
    await entra.close()
  })
  const said: Outcome[] = []
  const run = async (...args: string[]) => {
    const outcome = await home.atmosctl(args)
    said.push(outcome)
    return outcome
  }
  return {
    entra,
    home,
    said,
    run,
    whoami: async () => JSON.parse((await run('whoami', '-f', 'json')).stdout),
  }
}

t.test('a sign-in outlives its tokens and the daemon, and ends with a sign-out', async (t) => {
  const { entra, home, said, run, whoami } = await azureHome(t, { lifetimes: { accessTokenSeconds: 3 } })
  const login = await run('login', '--no-browser')
  t.match(login, { code: 0, stderr: new RegExp(`Open +${entra.url}/devicelogin\\n +Code +\\w{9}`) })
  t.match(login.stdout + login.stderr, new RegExp(PERSON.upn))
  const account = { principal: PERSON.upn, account: SUBSCRIPTIONS.development, region: 'westeurope' }
  t.match(await whoami(), { valid: true, ...account })

  const before = entra.calls('EntraToken')
  t.ok(await eventually(async () => (await whoami()).valid && entra.calls('EntraToken') > before + 1))
  t.equal((await run('daemon', 'stop')).code, 0)
  t.match(await whoami(), { valid: true, ...account })
  t.equal(entra.calls('EntraDeviceCode'), 1, 'one sign-in for all of it')
  const { stdout } = await run('env', '-f', 'json', '-i', 'prod')
  t.match(JSON.parse(stdout), { AZURE_SUBSCRIPTION_ID: SUBSCRIPTIONS.production, AZURE_TENANT_ID: TENANT.id })

  const places: Place[] = [
    ...filesIn(home.path),
    ...said.map(({ stdout, stderr }, index): Place => [`output ${index}`, stdout + stderr]),
  ]
  t.strictSame(leaks(places, entra.secrets()), [])
  t.strictSame(
    filesIn(home.path).filter(([name]) => /\.azure|msal|IdentityService/i.test(name)),
    [],
    'nothing is written but to our own keyring',
  )

  t.equal((await run('logout', '--provider', 'contoso')).code, 0)
  t.match(await whoami(), { valid: false, reason: /Nobody is signed in/, hint: /atmosctl login/ })
})

t.test('a daemon that does not trust the authority says so', async (t) => {
  const { home, run } = await azureHome(t)
  delete home.env.NODE_EXTRA_CA_CERTS
  t.match(await run('login', '--no-browser'), {
    code: 5,
    stderr: /Entra ID could not be reached: .*CERT.*\n.*NODE_EXTRA_CA_CERTS/,
  })
})
