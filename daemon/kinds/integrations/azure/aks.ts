import * as z from 'zod'
import { defineIntegration } from '../../contract.ts'
import { subscriptionId } from '../../fields/azure.ts'
import { autoProvision, clusterEntry } from '../../fields/integration.ts'

const config = z
  .strictObject({
    spec: z.strictObject({
      auto_provision: autoProvision,
      cluster: z.strictObject({
        name: z.string().min(1),
        resource_group: z.string().min(1),
        subscription_id: subscriptionId.optional(),
        ...clusterEntry,
      }),
    }),
  })
  .describe('An AKS cluster in kubeconfig')

/** An AKS cluster in kubeconfig. */
export default defineIntegration<z.infer<typeof config>, 'azure-token'>({ accepts: ['azure-token'], config })
