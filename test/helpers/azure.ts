/** A daemon inside the test's own process whose configuration means the sandbox's Entra ID. */
import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { wanting } from '../../daemon/graph/wanting.ts'
import type { AzureToken } from '../../shared/credential.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import { ENTRA_CA, type Entra, type EntraOptions, startEntra } from '../cloud/entra.ts'
import { SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import { chainOf, login } from './identities.ts'
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
export async function renewed(
  { app }: Running,
  chain: Awaited<ReturnType<typeof chainOf>>,
): Promise<AzureToken> {
  const root = { ...chain, steps: chain.steps.slice(0, 1) }
  return (await app.house.broker.renew(root)).credential as AzureToken
}

/** Signs in as a person does whose browser follows what it is shown. */
export function signedIn(
  daemon: Running,
  identity: string,
  browse: (address: string) => void,
): Promise<LoginEvent> {
  return login(daemon, identity, (event) => {
    if (event.type === 'browser') browse(event.address)
  })
}
