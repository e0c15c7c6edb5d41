/** Fields of Azure's kinds. */
import * as z from 'zod'
import { type AzureCloud, azureCloudNames } from '../../../shared/azure-clouds.ts'
import type { CloudFacts } from '../../../shared/cloud-facts.ts'
import { serviceSpec } from '../fields.ts'

const tenantId = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be the id or the domain of a tenant')
  .describe('Id or domain of the Entra ID tenant')

/** Azure's are UUIDs. */
export const subscriptionId = z
  .string()
  .regex(
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    'must be a subscription id such as 12345678-1234-1234-1234-123456789012',
  )
  .describe('Id of an Azure subscription')

export const location = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ]*$/, 'must be an Azure location such as eastus')
  .describe('Azure location, such as eastus')

export const clientId = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, 'must be the id of an application')
  .describe('Id of the application')

/** What every provider of Azure may say; the subscription is a default that an identity overrides. */
export const azureFields = {
  tenant_id: tenantId,
  subscription_id: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'must be a subscription id such as 12345678-1234-1234-1234-123456789012')
    .optional()
    .describe('Id of an Azure subscription'),
  location: location.optional(),
  cloud_environment: z
    .enum(['', ...azureCloudNames])
    .optional()
    .describe('The cloud; public unless given'),
}

export const azureSpec = serviceSpec(['login', 'management', 'graph', 'acr'])

interface Placed {
  tenant_id: string
  subscription_id?: string | undefined
  location?: string | undefined
  cloud_environment?: AzureCloud | '' | undefined
}

/** Where in Azure the identities of a provider work, unless they say otherwise. */
export function azureFacts({ tenant_id, subscription_id, location, cloud_environment }: Placed): CloudFacts {
  return {
    tenant: tenant_id,
    subscription: subscription_id,
    location,
    cloud: cloud_environment || 'public',
  }
}
