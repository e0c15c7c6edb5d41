/** A daemon inside the test's own process whose configuration means the sandbox's Entra ID. */
import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { wanting } from '../../daemon/graph/wanting.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import type { AzureToken } from '../../shared/credential.ts'
import { ENTRA_CA, type Entra, type EntraOptions, startEntra } from '../cloud/entra.ts'
import { SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import { chainOf } from './identities.ts'
import { type Running, type RunningOptions, running } from './running.ts'

export interface AzurePlace {
  daemon: Running
  entra: Entra
}

export interface AzureOptions extends Omit<RunningOptions, 'config'> {
  entra?: EntraOptions
  config?: (url: string) => string
}

/** One that trusts the sandbox, as NODE_EXTRA_CA_CERTS lets a daemon of its own do. */
export async function azurePlace(
  t: { teardown(work: () => Promise<void>): void },
  { entra: options = {}, config = azureConfig(), ...more }: AzureOptions = {},
): Promise<AzurePlace> {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(ENTRA_CA, 'utf8')])
  const entra = await startEntra(options)
  const daemon = await running({ ...more, config: () => config(entra.url) })
  t.teardown(async () => {
    await daemon.stop()
    await entra.close()
  })
  return { daemon, entra }
}

/** Two subscriptions of one sign-in. `more` is added to the provider's fields. */
export function azureConfig(kind = 'azure/device-code', more = '', keyring = 'memory') {
  return (url: string) => `auth:
  realm: azure
  keyring: { type: ${keyring} }
  providers:
    contoso:
      kind: ${kind}
      tenant_id: ${TENANT.id}
      spec: { endpoint_url: '${url}' }
      ${more}
  identities:
    dev:
      kind: azure/subscription
      default: true
      via: { provider: contoso }
      principal: { subscription_id: ${SUBSCRIPTIONS.development}, location: westeurope, resource_group: apps }
    prod:
      kind: azure/subscription
      via: { provider: contoso }
      principal: { subscription_id: ${SUBSCRIPTIONS.production} }
`
}

export async function azureToken(
  daemon: Running,
  identity: string,
  ...scopes: string[]
): Promise<AzureToken> {
  const chain = wanting(await chainOf(daemon, identity), scopes.length > 0 ? { scopes } : undefined)
  return (await daemon.app.house.broker.session(chain)).credential as AzureToken
}

/** Renews the sign-in itself, as the refresher does, with nobody to ask. */
export async function renewed(daemon: Running): Promise<AzureToken> {
  const { app } = daemon
  const chain = await chainOf(daemon, 'dev')
  const root = { ...chain, steps: chain.steps.slice(0, 1) }
  return (await app.house.broker.renew(root)).credential as AzureToken
}

/** What a browser does with an address: it follows wherever it is sent, one step at a time. */
export async function browse(address: string): Promise<{ status: number; text: string }> {
  const response = await fetch(address, { redirect: 'manual' })
  const next = response.headers.get('location')
  return next === null ? { status: response.status, text: await response.text() } : browse(next)
}

/** The real clock, but that a test can set it forward. */
export function turnedClock(): Clock & { turn(ms: number): void } {
  let ahead = 0
  return {
    ...systemClock,
    now: () => Date.now() + ahead,
    monotonic: () => performance.now() + ahead,
    turn(ms) {
      ahead += ms
    },
  }
}
