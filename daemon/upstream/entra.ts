/** Whom to ask at Microsoft Entra ID, and for what. */
import { type AzureCloud, azureCloud } from '../../shared/azure-clouds.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Clock } from '../system/clock.ts'

/** One application of one tenant, in one of the clouds. */
export interface Entra {
  /** Where one signs in, such as https://login.microsoftonline.com. */
  login: string
  /** The tenant's id or domain. */
  tenant: string
  clientId: string
  /** What the token is to be for, all of one resource. */
  scopes: readonly string[]
  clock: Clock
  signal: AbortSignal
}

/** Which step of a sign-in is under way: what a refusal means depends on it. */
export type Occasion = 'sign-in' | 'renewal' | 'assertion'

/** The application that az itself signs in with: known to every tenant, and allowed what az may. */
export const AZURE_CLI_APPLICATION = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'

interface Configured {
  tenant_id: string
  client_id?: string | undefined
  cloud_environment?: AzureCloud | '' | undefined
}

interface Asked {
  clock: Clock
  signal: AbortSignal
  endpoint(service: string): string | undefined
  scopes?: readonly string[]
}

/** Whom to ask, and for what. */
export function entraOf(config: Configured, asked: Asked): Entra {
  const { clock, signal, endpoint } = asked
  return {
    login: overTls(endpoint('login') ?? azureCloud(config.cloud_environment).login),
    tenant: config.tenant_id,
    clientId: config.client_id ?? AZURE_CLI_APPLICATION,
    scopes: scopesOf(config, asked),
    clock,
    signal,
  }
}

/** The wanted scopes, or that of the cloud's management. */
export function scopesOf(config: Pick<Configured, 'cloud_environment'>, { scopes }: Pick<Asked, 'scopes'>) {
  return scopes ?? [`${azureCloud(config.cloud_environment).management}/.default`]
}

/** Entra ID is never asked over plain HTTP, on this machine neither: its SDK refuses. */
function overTls(address: string): string {
  if (URL.parse(address)?.protocol === 'https:') return address.replace(/\/+$/, '')
  throw new AuthError('ConfigInvalid', `Entra ID is asked over https alone, and not at ${address}.`, {
    hint: 'Give an https address as spec.endpoints.login.',
  })
}
