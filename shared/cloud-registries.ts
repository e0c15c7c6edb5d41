/** Host names of the container registries of Azure and Google Cloud. Pure. */
import { type AzureCloud, azureCloud, azureClouds } from './azure-clouds.ts'

const ACR_NAME = /^[a-z0-9]{5,50}$/
/** Artifact Registry, and the domains of Container Registry that it answers on now. */
const GOOGLE_HOST = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:(?:us|eu|asia)\.)?gcr\.io)$/

export function acrHost(name: string, cloud: AzureCloud | undefined): string {
  return `${name.toLowerCase()}.${azureCloud(cloud).registries}`
}

/** The name of the registry that a host belongs to; undefined for a host that is none of Azure's. */
export function acrNameOf(host: string): string | undefined {
  const [name = '', ...domain] = host.split('.')
  const isOne = Object.values(azureClouds).some(({ registries }) => registries === domain.join('.'))
  return isOne && ACR_NAME.test(name) ? name : undefined
}

export function isGoogleRegistry(host: string): boolean {
  return GOOGLE_HOST.test(host)
}
