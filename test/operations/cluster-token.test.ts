/** What a cluster of Azure's or Google Cloud's is given, and for how long registries' tokens are good when they are. */
import t from 'tap'
import { giveClusterToken } from '../../daemon/operations/cluster-token.ts'
import { applyIntegrations } from '../../daemon/operations/integrations.ts'
import { registryCredential } from '../../daemon/operations/registries.ts'
import { AKS_APPLICATION } from '../cloud/azure-services.ts'
import { CLOUD_PLATFORM, EMAIL_SCOPE, keyFile, signInFile } from '../cloud/google-state.ts'
import { azureConfig, azurePlace } from '../helpers/azure.ts'
import { aheadClock } from '../helpers/clock.ts'
import { DEVELOPER, googleConfig, googlePlace, signedInPlace, TERRAFORM } from '../helpers/google.ts'
import type { Running } from '../helpers/running.ts'

const MINUTE_MS = 60_000
const BOTH = [CLOUD_PLATFORM, EMAIL_SCOPE]
const ask = ({ app, workspace }: Running, identity: string, more = {}) =>
  giveClusterToken(app.house, { workspace, identity, ...more })

t.test('236: GKE is given a token for all of Google Cloud that tells the mail address', async (t) => {
  const { shell, daemon, write, signIn } = await signedInPlace(t)
  const known = async (identity: string, at = shell()) =>
    daemon.cloud.google.accessTokens.get((await ask(at, identity)).token)
  for (const identity of ['terraform', 'reader'])
    t.match(await known(identity), { principal: TERRAFORM, scopes: BOTH }, identity)
  const key = { GOOGLE_APPLICATION_CREDENTIALS: write('key.json', keyFile(daemon.cloud.google, TERRAFORM)) }
  t.match(await known('me', shell(key)), { principal: TERRAFORM, scopes: BOTH }, 'a key')
  const more = ['https://www.googleapis.com/auth/sqlservice.login']
  signIn(signInFile(daemon.cloud.google, DEVELOPER, { scopes: [...BOTH, ...more] }))
  const person = { principal: DEVELOPER, isPerson: true }
  t.match(await known('me'), { ...person, scopes: [...BOTH, ...more] }, 'a sign-in keeps its own')
  t.match(await known('drive'), { ...person, scopes: [...BOTH, ...more] }, 'a cluster is no drive')
})

t.test('236: a sign-in without the mail address is no reason to ask the person again', async (t) => {
  const { shell, daemon, signIn } = await googlePlace(t)
  signIn(signInFile(daemon.cloud.google, DEVELOPER, { scopes: [CLOUD_PLATFORM] }))
  const { token } = await ask(shell(), 'me')
  t.match(daemon.cloud.google.accessTokens.get(token), { scopes: [CLOUD_PLATFORM] })
})

t.test('236: AKS is given a token for the application that its clusters are behind', async (t) => {
  const { daemon, entra } = await azurePlace(t)
  await daemon.signIn()
  const usual = await ask(daemon, 'dev')
  t.match(await entra.claims(usual.token, AKS_APPLICATION), { aud: AKS_APPLICATION })
  const audience = 'c0ffee00-0000-4000-8000-0000000000aa'
  t.ok(await entra.claims((await ask(daemon, 'prod', { audience })).token, audience))
})

t.test('237: a process that asks for the same once more has been refused, and gets another', async (t) => {
  const clock = aheadClock()
  const { shell, daemon } = await signedInPlace(t, { clock, cloud: { now: clock.now } })
  const azure = await azurePlace(t, { clock, entra: { now: clock.now } })
  await azure.daemon.signIn()
  for (const [at, identity, faults] of [
    [shell(), 'me', () => daemon.cloud.fault({ operation: 'GoogleToken', kind: 'status' })],
    [azure.daemon, 'dev', () => azure.entra.fault({ operation: 'EntraToken', kind: 'status' })],
  ] as const) {
    const tokenFor = async (asker?: number) =>
      (await ask(at, identity, asker === undefined ? {} : { asker })).token
    const first = await tokenFor(1)
    t.equal(await tokenFor(2), first, 'one token for all')
    t.equal(await tokenFor(), first, 'also for a person who looks at it twice')
    t.equal(await tokenFor(), first)
    t.equal(await tokenFor(1), first, 'nor was a kubectl refused that became another')
    clock.turn(2_000)
    const second = await tokenFor(1)
    t.not(second, first)
    t.equal(await tokenFor(2), second, 'which the others get, too')
    for (let tries = 0; tries < 4; tries++)
      t.equal(await tokenFor(1), second, 'and is not renewed at each of its tries')
    clock.turn(10_000)
    const third = await tokenFor(1)
    t.not(third, second, 'but when it is refused later')
    await tokenFor(3)
    await tokenFor(3)
    t.not(await tokenFor(3), third, 'and for one that tries and tries from its start')
    const last = await tokenFor()
    clock.turn(10_000)
    faults()
    t.equal(await tokenFor(1), last, 'where none is had the old one is given')
  }
})

const integrations = {
  azure: `  integrations:
    registry: { kind: azure/acr, via: { identity: dev }, spec: { registry: { name: myregistry } } }
`,
  google: `  integrations:
    registry: { kind: gcp/artifact-registry, via: { identity: me }, spec: { registry: { host: gcr.io } } }
`,
}

/** The least that is left of a registry's token, asked for every two minutes for so many hours. */
async function leastLeft(
  { app, workspace }: Running,
  clock: ReturnType<typeof aheadClock>,
  { host, identity, hours }: { host: string; identity: string; hours: number },
) {
  const request = { workspace, identity, registries: [], kubeconfigs: [], file: '/dev/null', static: false }
  await applyIntegrations(app.house, { ...request, auto: true })
  let least = Number.POSITIVE_INFINITY
  const secrets = new Set<string | undefined>()
  for (let minutes = 0; minutes <= hours * 60; minutes += 2) {
    const { secret, expiresAt = 0 } = await registryCredential(app.house, { host })
    secrets.add(secret)
    least = Math.min(least, expiresAt - clock.now())
    clock.turn(2 * MINUTE_MS)
  }
  return { least, secrets: secrets.size }
}

t.test('223: a registry of Azure’s always gets a token with five minutes left, or more', async (t) => {
  const clock = aheadClock()
  const config = (url: string) => azureConfig()(url) + integrations.azure
  const { daemon } = await azurePlace(t, { clock, config, entra: { now: clock.now } })
  await daemon.signIn()
  const host = 'myregistry.azurecr.io'
  const { least, secrets } = await leastLeft(daemon, clock, { host, identity: 'dev', hours: 7 })
  t.ok(least >= 5 * MINUTE_MS, `${least} ms`)
  t.ok(secrets >= 3 && secrets <= 6, `${secrets} tokens in seven hours`)
})

t.test('223: Artifact Registry always gets a token with five minutes left, or more', async (t) => {
  const clock = aheadClock()
  const config = (url: string) => googleConfig(url) + integrations.google
  const { shell } = await signedInPlace(t, { clock, config, cloud: { now: clock.now } })
  const { least, secrets } = await leastLeft(shell(), clock, { host: 'gcr.io', identity: 'me', hours: 4 })
  t.ok(least >= 5 * MINUTE_MS, `${least} ms`)
  t.ok(secrets >= 4 && secrets <= 8, `${secrets} tokens in four hours`)
})
