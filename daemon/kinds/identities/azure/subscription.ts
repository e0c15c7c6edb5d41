import * as z from 'zod'
import { defineIdentity } from '../../contract.ts'
import { azureSpec, location, subscriptionId } from '../../fields/azure.ts'

const config = z
  .strictObject({
    principal: z.strictObject({
      subscription_id: subscriptionId,
      location: location.optional(),
      resource_group: z
        .string()
        .regex(/^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$/u, 'must be the name of a resource group')
        .optional(),
    }),
    spec: azureSpec.optional(),
  })
  .describe('An Azure subscription')

/** The sign-in of its parent, for one subscription: Azure's tokens are a tenant's, and requests name the subscription. */
export default defineIdentity<z.infer<typeof config>, 'azure-token', 'azure-token'>({
  accepts: ['azure-token'],
  yields: 'azure-token',
  config,
  passesOn: true,
  // What renews the sign-in stays with the sign-in.
  assume: async (_, { session: _session, ...token }) => token,
  facts: ({ principal: { subscription_id, location, resource_group } }) => ({
    subscription: subscription_id,
    location,
    resourceGroup: resource_group,
  }),
  principal: ({ principal }) => `subscription ${principal.subscription_id}`,
  lifetime: 'Entra ID decides how long its tokens last.',
})
