/** What tools notice of it while everything that a person is assigned is listed, and how long that takes. */
import { REQUESTS_PER_SECOND } from '../../daemon/provisioning/pace.ts'
import { startCloud } from '../cloud/cloud.ts'
import type { Account } from '../cloud/state.ts'
import { testHome } from '../helpers/house.ts'
import { print } from './figures.ts'
import { load, type Measured } from './load.ts'

const SETS = 20
const PAGE = 100

const config = (url: string) => `auth:
  realm: bench
  keyring: { type: memory }
  providers:
    sso:
      kind: aws/iam-identity-center
      region: us-east-1
      start_url: https://company.awsapps.com/start
      auto_provision_identities: true
      spec: { endpoint_url: '${url}' }
`

/** Asks the warm endpoint for `ms`, and then for as long as it takes to list so many accounts of 20 permission sets. */
export async function benchListing(accounts: number, ms: number): Promise<void> {
  const home = testHome()
  const first = { id: '999999999999', name: 'first', roles: ['Admin'] }
  const lifetimes = { pollIntervalSeconds: 0.05 }
  const cloud = await startCloud({ accounts: [first], approval: 'automatic', pageSize: PAGE, lifetimes })
  home.config(config(cloud.url))
  const must = async (args: string[]) => {
    const { code, stdout, stderr } = await home.atmosctl(args)
    if (code !== 0) throw new Error(`atmosctl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const login = () => must(['login', '--provider', 'sso', '--no-browser'])
  try {
    await login()
    const tool = JSON.parse(await must(['env', '-f', 'json', '-i', 'first/Admin'])) as Record<string, string>
    const uri = new URL(tool.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '')
    const authorization = tool.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? ''
    const one = { port: Number(uri.port), path: uri.pathname, authorization, connections: 1, ms }
    const before = await load(one)
    cloud.assign([...many(accounts), first])
    cloud.resetCalls()
    const began = performance.now()
    const listed = login().then(() => (performance.now() - began) / 1_000)
    const meanwhile = await load({ ...one, until: listed })
    const names = JSON.parse(await must(['list', '--identities', '-f', 'json'])) as { identities: unknown[] }
    const calls = cloud.calls('ListAccounts') + cloud.calls('ListAccountRoles')
    const found = { identities: names.identities.length, expected: accounts * SETS + 1 }
    tell({ before, meanwhile, seconds: await listed, calls, accounts, ...found })
  } finally {
    await home.remove()
    await cloud.close()
  }
}

function many(count: number): Account[] {
  const roles = Array.from({ length: SETS }, (_, index) => `Set${index}`)
  return Array.from({ length: count }, (_, index) => ({
    id: String(100_000_000_000 + index),
    name: `account-${index}`,
    roles,
  }))
}

interface Told {
  before: Measured
  meanwhile: Measured
  seconds: number
  calls: number
  accounts: number
  identities: number
  expected: number
}

function tell({ before, meanwhile, seconds, calls, accounts, identities, expected }: Told): void {
  const failures = before.failures + meanwhile.failures
  if (failures > 0) throw new Error(`${failures} requests failed beside a listing`)
  if (identities !== expected) throw new Error(`${identities} of ${expected} identities were listed`)
  const least = calls / REQUESTS_PER_SECOND
  const row = (name: string, of: (measured: Measured) => number) => {
    const [was, is] = [of(before), of(meanwhile)]
    print(
      `  ${name.padEnd(10)}${was.toFixed(2).padStart(8)}${is.toFixed(2).padStart(12)}   ${(is / was).toFixed(2)}`,
    )
  }
  print(`\nOne connection while ${accounts} accounts of ${SETS} permission sets are listed:`)
  print('              before   meanwhile   ratio')
  row('p50 ms', ({ p50Ms }) => p50Ms)
  row('p99 ms', ({ p99Ms }) => p99Ms)
  row('longest ms', ({ longestMs }) => longestMs)
  print(
    `  ${identities} identities in ${seconds.toFixed(1)} s; ${calls} requests at their pace take ${least.toFixed(1)} s: ${(seconds / least).toFixed(2)}`,
  )
}
