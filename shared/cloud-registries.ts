/** Host names of the container registries of Azure and Google Cloud. Pure. */
import type { CloudFacts } from './cloud-facts.ts'

/** Suffixes of Azure's registries in each of its clouds. */
const ACR = { public: 'azurecr.io', usgovernment: 'azurecr.us', china: 'azurecr.cn' } as const
const ACR_HOST = /^([a-z0-9]{5,50})\.azurecr\.(?:io|us|cn)$/
/** Artifact Registry, and the domains of Container Registry that it answers on now. */
const GOOGLE_HOST = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:(?:us|eu|asia)\.)?gcr\.io)$/

export function acrHost(name: string, cloud: CloudFacts['cloud'] = 'public'): string {
  return `${name.toLowerCase()}.${ACR[cloud]}`
}

/** The name of the registry that a host belongs to; undefined for a host that is none of Azure's. */
export function acrNameOf(host: string): string | undefined {
  return ACR_HOST.exec(host)?.[1]
}

export function isGoogleRegistry(host: string): boolean {
  return GOOGLE_HOST.test(host)
}
