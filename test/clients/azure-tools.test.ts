/** az and terraform, unmodified, get tokens by nothing but the variables of `exec`, and others across an expiry. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AuthError } from '../../shared/errors.ts'
import { verifiedJwt } from '../cloud/jwt.ts'
import { azureEndpoint } from '../helpers/azure-endpoint.ts'
import { azureFront } from '../helpers/azure-front.ts'
import { TENANT } from '../helpers/azure-tenant.ts'
import { finished } from '../helpers/house.ts'
import { onPath, skipUnless } from '../helpers/tools.ts'

const HOUR_MS = 3_600_000
const STORAGE = 'sandboxstate.blob.core.windows.net'
const [az] = onPath('az')
const [terraform] = onPath('terraform')

/** An endpoint, some of Azure, and a directory for a tool to run in. */
async function place(t: Test) {
  const endpoint = await azureEndpoint()
  const front = await azureFront()
  const cwd = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
  t.teardown(async () => {
    front.close()
    await endpoint.stop()
    rmSync(cwd, { recursive: true, force: true })
  })
  const before = { PATH: process.env.PATH, HOME: cwd, ...front.env }
  const quiet = {
    CHECKPOINT_DISABLE: '1',
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    AZURE_CORE_SURVEY_MESSAGE: 'no',
  }
  const env = { ...endpoint.environment(before), ...quiet }
  const run = (file: string, ...args: string[]) => finished(spawn(file, args, { cwd, env }))
  return { endpoint, front, cwd, run }
}

const withAz = skipUnless(az !== undefined, 'az')
t.test('193: az signs in as the identity that is given to it', { skip: withAz }, async (t) => {
  const { endpoint, front, run } = await place(t)
  const tokenFor = async (resource: string) => {
    const asked = ['account', 'get-access-token', '--resource', resource, '-o', 'json']
    const { code, stdout, stderr } = await run(az as string, ...asked)
    t.equal(code, 0, stderr)
    return JSON.parse(stdout).accessToken as string
  }
  const login = await run(az as string, 'login', '--identity', '-o', 'json')
  t.equal(login.code, 0, login.stderr)
  t.match(JSON.parse(login.stdout), [{ tenantId: TENANT, user: { assignedIdentityInfo: 'MSI' } }])
  t.equal(front.tokens('management.azure.com').length, 1)
  const first = await tokenFor('https://vault.azure.net')
  t.match(verifiedJwt(first), { aud: 'https://vault.azure.net' })
  endpoint.turn(HOUR_MS)
  const second = await tokenFor('https://vault.azure.net')
  t.match(verifiedJwt(second), { aud: 'https://vault.azure.net' })
  t.not(second, first)
})

// No package registry has terraform, so that it is tested where it is. What it asks with is tested with the SDKs.
const withTerraform = terraform === undefined ? 'terraform is not installed' : false
t.test('188, 189, 190: terraform keeps its state in Azure', { skip: withTerraform }, async (t) => {
  const { endpoint, front, cwd, run } = await place(t)
  writeFileSync(
    join(cwd, 'main.tf'),
    `terraform {
  backend "azurerm" {
    storage_account_name = "sandboxstate"
    container_name       = "tfstate"
    key                  = "one.tfstate"
  }
}
resource "terraform_data" "one" { input = 1 }
`,
  )
  const go = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(terraform as string, ...args, '-input=false', '-no-color')
    t.equal(code, 0, stdout + stderr)
  }
  await go('init')
  t.equal(endpoint.requests(), 1, 'one token for all that it did')
  endpoint.turn(HOUR_MS)
  await go('apply', '-auto-approve')
  t.match(JSON.parse(front.blob('/tfstate/one.tfstate') ?? '{}'), { resources: [{ type: 'terraform_data' }] })
  t.equal(new Set(front.tokens(STORAGE)).size, 2, 'another after an hour')

  endpoint.turn(HOUR_MS)
  endpoint.tenant.token = () => Promise.reject(new AuthError('LoginRequired', 'Nobody is signed in.'))
  const before = endpoint.requests()
  const refused = await run(terraform as string, 'plan', '-input=false', '-no-color')
  t.equal(refused.code, 1)
  t.match(refused.stderr, /Nobody is signed in\. Run `atmosctl login -i\s+dev`/)
  t.equal(endpoint.requests() - before, 1, 'asked once')
})
