/** Registries of Azure and Google Cloud by the commands and by Docker's protocol: real processes on the sandbox. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { type Clouds, cloudsPlace, DEVELOPER, HELPER } from '../helpers/clouds.ts'
import { finished } from '../helpers/house.ts'
import { filesIn, leaks } from '../helpers/secrets.ts'

const ACR = 'myregistry.azurecr.io'
const GAR = 'europe-docker.pkg.dev'
const NOT_FOUND = 'credentials not found in native keychain\n'
const HOUR_MS = 3_600_000

interface Answer {
  ServerURL: string
  Username: string
  Secret: string
}
const get = ({ env }: Clouds, host: string) =>
  finished(spawn(process.execPath, [HELPER, 'get'], { cwd: '/', env }), host)
const answerOf = async (at: Clouds, host: string) => JSON.parse((await get(at, host)).stdout) as Answer
const endOf = (jwt: string) =>
  (JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { exp: number }).exp * 1000
const login = (at: Clouds, identity: string) => at.does('login', '--no-browser', '-i', identity)

t.test(
  'Docker gets a token of the registry’s from Azure, and the access token itself from Google',
  async (t) => {
    const at = await cloudsPlace(t)
    await login(at, 'sub')
    await login(at, 'me')
    const azure = await answerOf(at, ACR)
    t.match(azure, { ServerURL: ACR, Username: '00000000-0000-0000-0000-000000000000' })
    t.ok(await at.entra.registryTakes(ACR, azure.Secret))
    t.notOk(await at.entra.registryTakes('other.azurecr.io', azure.Secret), 'and no other registry takes it')
    const left = endOf(azure.Secret) - Date.now()
    t.ok(left > 2.9 * HOUR_MS && left <= 3 * HOUR_MS, `${left} ms`)
    const google = await answerOf(at, GAR)
    t.match(google, { ServerURL: GAR, Username: 'oauth2accesstoken' })
    t.match(at.cloud.google.accessTokens.get(google.Secret), { principal: DEVELOPER })
    t.strictSame(await answerOf(at, GAR), google, 'it is held')
    t.equal(at.entra.calls('AcrExchange'), 1)

    await at.does('daemon', 'stop')
    t.strictSame(await answerOf(at, ACR), azure, 'after a restart, too')
    const found = filesIn(at.path)
    t.strictSame(leaks(found, [azure.Secret, google.Secret]), [], 'no token is in any file')

    await at.does('logout', 'sub')
    t.match(await get(at, ACR), { code: 1, stdout: NOT_FOUND })
    t.match(await get(at, GAR), { code: 0 })
    await at.does('logout', 'me')
    t.match(await get(at, GAR), { code: 1, stdout: NOT_FOUND })
    t.strictSame(at.docker(), {})
  },
)

t.test('registry-login: by name, by host, and what cannot be meant', async (t) => {
  const at = await cloudsPlace(t)
  await login(at, 'sub')
  const apply = (...args: string[]) => at.atmosctl(['registry-login', ...args])
  t.match(await apply('gar'), { code: 0, stderr: new RegExp(`gar: Docker asks .*\n  ${GAR}`) })
  t.match(await apply(), { code: 0, stderr: new RegExp(`acr: Docker asks .*\n  ${ACR}`) }, 'of the identity')

  const other = 'other1.azurecr.io'
  t.match(await apply('--registry', `https://${other}/`), { code: 0, stderr: `${other}: Docker asks` })
  t.ok(await at.entra.registryTakes(other, (await answerOf(at, other)).Secret), 'in no configuration')
  const hosts = ['us-docker.pkg.dev', 'gcr.io']
  t.match(await apply('-i', 'robot', '-r', 'us-docker.pkg.dev', '-r', 'gcr.io'), { code: 0 })
  for (const host of hosts) {
    const { Secret } = await answerOf(at, host)
    t.match(at.cloud.google.accessTokens.get(Secret), { principal: /^deploy@/ }, host)
  }
  t.match(await apply('acr', '-r', 'localhost:5000'), { code: 0 }, 'a mirror that takes its token')
  t.ok(await at.entra.registryTakes(ACR, (await answerOf(at, 'localhost:5000')).Secret))

  const refused: [string[], number, RegExp][] = [
    [['-r', 'other1.azurecr.us'], 2, /"sub" .* cannot sign in to other1\.azurecr\.us\.\n {2}Choose an id/],
    [['-r', GAR], 2, /"sub" \(azure\/subscription\) cannot sign in to europe-docker\.pkg\.dev/],
    [['-r', other, '-i', 'me'], 2, /"me" \(gcp\/project\) cannot sign in to other1\.azurecr\.io/],
    [['-r', 'ghcr.io'], 2, /ghcr\.io is no registry of a cloud's/],
    [['acrs'], 1, /no integration "acrs"[\s\S]*Did you mean "acr"/],
    [['one', 'two'], 2, /registry-login takes one integration/],
  ]
  for (const [args, code, stderr] of refused) t.match(await apply(...args), { code, stderr }, args.join(' '))
})

t.test('a token itself for who asks for it, and what others entered is respected', async (t) => {
  const at = await cloudsPlace(t)
  mkdirSync(dirname(at.dockerFile))
  const theirs = `{ "credHelpers": { "${ACR}": "acr-env", "${GAR}": "gcloud" } }\n`
  writeFileSync(at.dockerFile, theirs)
  for (const [identity, name, host] of [
    ['sub', 'acr', ACR],
    ['me', 'gar', GAR],
  ] as const) {
    const stderr = await login(at, identity)
    t.match(stderr, `${host} has the credential helper`)
    t.match(stderr, `To replace it: \`atmosctl registry-login ${name} --force\``)
    t.strictSame(at.docker().credHelpers, JSON.parse(theirs).credHelpers)
    const fixed = await at.does('registry-login', name, '--static')
    t.match(fixed, { sub: /good until .* \((?:3h|2h 59m)\)/, me: /good until .* \((?:1h|59m)/ }[identity])
  }
  const passwordOf = (host: string) =>
    Buffer.from(at.docker().auths?.[host]?.auth ?? '', 'base64')
      .toString()
      .split(':')
  const [user, secret = ''] = passwordOf(ACR)
  t.equal(user, '00000000-0000-0000-0000-000000000000')
  t.ok(await at.entra.registryTakes(ACR, secret))
  const [name, token = ''] = passwordOf(GAR)
  t.equal(name, 'oauth2accesstoken')
  t.ok(at.cloud.google.accessTokens.has(token))
  await at.does('logout', '--all')
  t.equal(readFileSync(at.dockerFile, 'utf8'), theirs, 'a sign-out leaves the file to the byte')

  await login(at, 'sub')
  await at.does('registry-login', 'acr', '--force')
  t.match(at.docker(), { credHelpers: { [ACR]: 'atmos', [GAR]: 'gcloud' } })
})

t.test('a registry that gives no token fails no sign-in', async (t) => {
  const at = await cloudsPlace(t)
  const rows: [kind: 'status' | 'empty' | 'garbage', status: number, said: RegExp][] = [
    ['status', 401, /did not sign in \(401\): no such thing/],
    ['status', 403, /does not let you sign in: no such thing\n {2}Ask for the role AcrPull/],
    ['empty', 200, /answered with no token/],
    ['garbage', 200, /asked to sign in and answered with nothing usable/],
  ]
  for (const [kind, status, said] of rows) {
    at.entra.fault({ operation: 'AcrExchange', kind, status, code: 'UNAUTHORIZED', message: 'no such thing' })
    const stderr = await login(at, 'sub')
    t.match(stderr, said)
    t.match(stderr, /acr was not applied: [\s\S]*Try again: `atmosctl registry-login acr`/)
    t.match(await get(at, ACR), { code: 1, stdout: NOT_FOUND })
    at.entra.clearFaults()
  }
  t.match(await at.does('registry-login', 'acr'), `✓ acr: Docker asks`)
  t.match(await get(at, ACR), { code: 0 })
})
