/** `az` as a program that says what the real one says, and the real one where it is. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import type { Entra } from '../cloud/entra.ts'
import { SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { azureConfig, azurePlace, azureToken } from '../helpers/azure.ts'
import { eventually } from '../helpers/eventually.ts'
import { failure } from '../helpers/failure.ts'
import { login } from '../helpers/identities.ts'
import type { Running } from '../helpers/running.ts'
import { onPath, skipUnless } from '../helpers/tools.ts'

const NAMES = [
  'PATH',
  'HOME',
  'AZURE_CONFIG_DIR',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'REQUESTS_CA_BUNDLE',
]
const VAULT = 'https://vault.azure.net/.default'

interface Machine {
  daemon: Running
  entra: Entra
  home: string
  /** Makes an `az` of shell commands; its arguments and its environment are written down first. */
  install(script: string): void
  calls(): string[]
  environment(): string
}

async function machine(
  t: { teardown(work: () => unknown): void },
  more = '',
  clock: Clock = systemClock,
): Promise<Machine> {
  const place = await azurePlace(t, { clock, config: azureConfig('azure/cli', more) })
  const home = mkdtempSync(join(tmpdir(), 'atmosd-az-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const bin = join(home, 'bin')
  mkdirSync(bin)
  const none = Object.fromEntries(NAMES.map((name) => [name, null]))
  place.daemon.workspace.environment = { ...none, PATH: `relative:${bin}:/bin:/usr/bin`, HOME: home }
  const [calls, environment] = [join(home, 'calls'), join(home, 'environment')]
  return {
    ...place,
    home,
    install(script) {
      const file = join(bin, 'az')
      writeFileSync(file, `#!/bin/sh\necho "$*" >> ${calls}\nenv > ${environment}\n${script}\n`)
      chmodSync(file, 0o755)
    },
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []),
    environment: () => readFileSync(environment, 'utf8'),
  }
}

const EXP = Math.floor(Date.now() / 1000) + 3_600
const TOKEN = signedJwt({
  aud: 'https://management.azure.com',
  upn: 'ada@contoso.com',
  tid: TENANT.id,
  exp: EXP,
})

/** As az 2.45 answers, whose only end is a local time. */
function answers(tenant = TENANT.id, accessToken = TOKEN): string {
  const answer = {
    accessToken,
    expiresOn: '2026-10-25 02:30:00.000000',
    subscription: 's',
    tenant,
    tokenType: 'Bearer',
  }
  return `echo '${JSON.stringify(answer)}'`
}
const says = (text: string) => `echo "ERROR: ${text}" >&2; exit 1`

t.test('a token of az, each scope with a run of its own', async (t) => {
  process.env.AZURE_CLIENT_SECRET = 'of the daemon'
  t.teardown(() => delete process.env.AZURE_CLIENT_SECRET)
  const { daemon, install, calls, environment, home } = await machine(t)
  install(answers())
  const token = await azureToken(daemon, 'dev')
  t.match(token, { principal: 'ada@contoso.com', tenantId: TENANT.id, expiresAt: EXP * 1000 })
  await azureToken(daemon, 'prod')
  await azureToken(daemon, 'dev', VAULT)
  const whose = `account get-access-token --output json --tenant ${TENANT.id} --scope`
  t.strictSame(calls(), [`${whose} https://management.azure.com/.default`, `${whose} ${VAULT}`])
  const seen = environment()
  t.match(seen, new RegExp(`^HOME=${home}$`, 'm'))
  t.notMatch(seen, /AZURE_CLIENT_SECRET/, 'nothing of the daemon’s own')
  t.notOk(existsSync(join(home, '.azure')))
})

t.test('the subscription decides which account is meant, and its tenant is looked at', async (t) => {
  const { daemon, install, calls } = await machine(t, `subscription_id: ${SUBSCRIPTIONS.production}`)
  install(answers())
  await azureToken(daemon, 'dev')
  t.match(calls()[0], `--subscription ${SUBSCRIPTIONS.production} --scope`)
  const other = await machine(t, `subscription_id: ${SUBSCRIPTIONS.production}`)
  other.install(answers('00000000-0000-0000-0000-000000000000'))
  t.match(await failure(azureToken(other.daemon, 'dev')), { code: 'UpstreamInvalid', hint: /another tenant/ })
})

t.test('what az says when it gives none', async (t) => {
  for (const [script, expected] of [
    [
      says("Please run 'az login' to setup account."),
      { code: 'LoginRequired', hint: `Run \`az login --tenant ${TENANT.id}\`.` },
    ],
    [says('AADSTS700082: The refresh token has expired.'), { code: 'LoginRequired', message: /has expired/ }],
    [
      says("Subscription 'x' not found. Check the spelling."),
      { code: 'UpstreamInvalid', hint: /subscription_id/ },
    ],
    [says('HTTPSConnectionPool: Max retries exceeded'), { code: 'UpstreamUnavailable' }],
    [
      says('The command failed with an unexpected error.'),
      { code: 'UpstreamInvalid', message: /unexpected error/ },
    ],
    ['echo nothing', { code: 'UpstreamInvalid', hint: /az account get-access-token/ }],
    [answers(TENANT.id, 'opaque'), { code: 'UpstreamInvalid' }],
    ['yes 0123456789', { code: 'UpstreamUnavailable' }],
  ] as const) {
    const { daemon, install } = await machine(t)
    install(script)
    t.match(await failure(azureToken(daemon, 'dev')), expected, script)
  }
})

t.test('a sign-in says it too, and asks az again', async (t) => {
  const { daemon, install } = await machine(t)
  install(says("Please run 'az login' to setup account."))
  const hint = `Run \`az login --tenant ${TENANT.id}\`.`
  t.match(await login(daemon, 'dev'), { type: 'failed', failure: { code: 'LoginRequired', hint } })
  install(answers())
  t.match(await login(daemon, 'dev'), { type: 'done', session: { principal: 'ada@contoso.com' } })
})

t.test('the cloud decides what the usual token is for', async (t) => {
  for (const [cloud, management] of [
    ['usgovernment', 'https://management.usgovcloudapi.net'],
    ['china', 'https://management.chinacloudapi.cn'],
  ] as const) {
    const { daemon, install, calls } = await machine(t, `cloud_environment: ${cloud}`)
    install(answers())
    t.match(await azureToken(daemon, 'dev'), { scope: `${management}/.default` })
    t.match(calls()[0], `--scope ${management}/.default`)
  }
})

t.test('without az', async (t) => {
  const { daemon } = await machine(t)
  daemon.workspace.environment.PATH = '/nowhere'
  t.match(await failure(azureToken(daemon, 'dev')), {
    code: 'EnvironmentMissing',
    message: /the PATH of this shell has no az/,
    hint: /azure\/device-code/,
  })
})

t.test('one that does not end is ended, with what it started', async (t) => {
  const patience = (ms: number) => (ms === 45_000 ? 500 : ms)
  const impatient = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(patience(ms), signal),
  }
  const { daemon, install, home } = await machine(t, '', impatient)
  install(`(sleep 60; echo late) & echo $! > ${home}/child; wait`)
  t.match(await failure(azureToken(daemon, 'dev')), {
    code: 'UpstreamUnavailable',
    message: 'az gave no token within 45 seconds.',
  })
  const child = Number(readFileSync(join(home, 'child'), 'utf8'))
  t.ok(await eventually(async () => !isRunning(child)))
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const az = onPath('az')
t.test('the real az, which nobody is signed in to', { skip: skipUnless(az.length > 0, 'az') }, async (t) => {
  const { daemon, home } = await machine(t)
  const directory = join(home, 'azure')
  const PATH = process.env.PATH ?? ''
  daemon.workspace.environment = { ...daemon.workspace.environment, PATH, AZURE_CONFIG_DIR: directory }
  t.match(await failure(azureToken(daemon, 'dev')), {
    code: 'LoginRequired',
    message: /The Azure CLI is not signed in to .*: Please run 'az login' to setup account/,
    hint: `Run \`az login --tenant ${TENANT.id}\`.`,
  })
  t.notOk(existsSync(join(home, '.azure')))
  t.notOk(existsSync(join(directory, 'msal_token_cache.json')))
})
