/** A workload's token for one of Entra ID, on the sandbox, which checks its signature and what it says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { DEPLOYER } from '../cloud/entra-state.ts'
import { ISSUER } from '../cloud/github.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { type AzureOptions, azureConfig, azurePlace, azureToken, renewed } from '../helpers/azure.ts'
import { failure } from '../helpers/failure.ts'
import { login } from '../helpers/identities.ts'

const NAMES = [
  'AZURE_FEDERATED_TOKEN_FILE',
  'GITHUB_ACTIONS',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
]
const nothing = Object.fromEntries(NAMES.map((name) => [name, null]))

async function workload(t: { teardown(work: () => unknown): void }, more = '', options: AzureOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'atmosd-workload-'))
  const file = join(folder, 'token')
  const fields = `client_id: ${DEPLOYER}\n      ${more.replace('FILE', file)}`
  const place = await azurePlace(t, { ...options, config: azureConfig('azure/oidc', fields) })
  t.teardown(() => rmSync(folder, { recursive: true }))
  place.daemon.workspace.environment = nothing
  return {
    ...place,
    file,
    /** What the cluster writes for its pod. */
    write: (claims = {}) => writeFileSync(file, `${signedJwt({ ...said(), ...claims })}\n`),
    inShell: (environment: Record<string, string>) => {
      place.daemon.workspace.environment = { ...nothing, ...environment }
    },
  }
}

function said() {
  const exp = Math.floor(Date.now() / 1000) + 300
  return { iss: ISSUER, sub: 'repo:acme/infra:ref:refs/heads/main', aud: 'api://AzureADTokenExchange', exp }
}

t.test('a job of GitHub Actions: its token, exchanged anew each time, for any scope', async (t) => {
  const { daemon, entra, inShell } = await workload(t)
  inShell(daemon.cloud.startJob())
  const first = await azureToken(daemon, 'dev')
  t.match(await entra.claims(first.accessToken.reveal()), { appid: DEPLOYER })
  t.match(first, { principal: DEPLOYER, session: undefined })
  t.match(await azureToken(daemon, 'prod', 'https://vault.azure.net/.default'), { scope: /vault/ })
  t.equal(daemon.cloud.calls('IdToken'), 2)
  t.not((await renewed(daemon)).accessToken.reveal(), first.accessToken.reveal())
  t.match(await login(daemon, 'dev'), { type: 'done', session: { principal: DEPLOYER } })
  t.equal(entra.calls('EntraDeviceCode'), 0)
})

t.test('a file, of the shell or of the configuration, which comes first; it is read anew', async (t) => {
  const pod = await workload(t)
  pod.write()
  pod.inShell({ AZURE_FEDERATED_TOKEN_FILE: pod.file, ...pod.daemon.cloud.startJob() })
  t.match(await azureToken(pod.daemon, 'dev'), { principal: DEPLOYER })
  pod.write({ sub: 'another' })
  t.match(await failure(renewed(pod.daemon)), {
    code: 'AccessDenied',
    message: /AADSTS700213/,
    hint: /federated/,
  })
  const configured = await workload(t, 'token_file_path: FILE')
  configured.inShell({ AZURE_FEDERATED_TOKEN_FILE: '/nowhere/else' })
  configured.write()
  t.match(await azureToken(configured.daemon, 'dev'), { principal: DEPLOYER })
  t.equal(pod.daemon.cloud.calls('IdToken') + configured.daemon.cloud.calls('IdToken'), 0)
})

t.test('what Entra ID does not take', async (t) => {
  for (const [claims, expected] of [
    [
      { aud: 'sts.amazonaws.com' },
      { code: 'AccessDenied', message: /the audience of the token \(AADSTS700212\)/ },
    ],
    [
      { iss: 'https://else.example' },
      { code: 'AccessDenied', message: /the issuer of the token \(AADSTS700211\)/ },
    ],
    [{ exp: 1 }, { code: 'CredentialRejected', message: /has ended \(AADSTS700024\)/ }],
  ] as const) {
    const { daemon, write } = await workload(t, 'token_file_path: FILE')
    write(claims)
    t.match(await failure(azureToken(daemon, 'dev')), expected)
  }
  const { daemon, file } = await workload(t, 'token_file_path: FILE')
  writeFileSync(file, signedJwt(said()).replace(/.{8}$/, 'AAAAAAAA'))
  t.match(await failure(azureToken(daemon, 'dev')), { code: 'CredentialRejected', message: /signature/ })
})

t.test('what is missing is said, and Entra ID not asked', async (t) => {
  const { daemon, entra, file, inShell } = await workload(t)
  for (const [environment, expected] of [
    [{}, { message: /no token that says which workload/, hint: /AZURE_FEDERATED_TOKEN_FILE/ }],
    [{ GITHUB_ACTIONS: 'true' }, { message: /REQUEST_URL is not set/, hint: /id-token: write/ }],
    [{ AZURE_FEDERATED_TOKEN_FILE: file }, { message: /cannot be used: there is none/ }],
    [{ AZURE_FEDERATED_TOKEN_FILE: '/dev/zero' }, { message: /it is no plain file/ }],
  ] as [Record<string, string>, object][]) {
    inShell(environment)
    t.match(await failure(azureToken(daemon, 'dev')), { code: 'EnvironmentMissing', ...expected })
  }
  inShell({ AZURE_FEDERATED_TOKEN_FILE: 'token' })
  t.match(await failure(azureToken(daemon, 'dev')), { code: 'ConfigInvalid', hint: /from the root on/ })
  const other = await workload(t, 'token_file_path: FILE')
  writeFileSync(other.file, 'not a token')
  t.match(await failure(azureToken(other.daemon, 'dev')), {
    code: 'EnvironmentMissing',
    message: /no such token/,
  })
  t.equal(entra.calls() + other.entra.calls(), 0)
})
