import * as z from 'zod'
import { azureCloud } from '../../../../shared/azure-clouds.ts'
import { AuthError } from '../../../../shared/errors.ts'
import { aksClusterRequest } from '../../../upstream/aks.ts'
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
export default defineIntegration<z.infer<typeof config>, 'azure-token'>({
  accepts: ['azure-token'],
  config,
  apply: ({ spec: { cluster } }) => ({
    type: 'kubeconfig',
    token: ['aks-token'],
    context: cluster.alias,
    ...cluster.kubeconfig,
  }),
  describe({ spec: { cluster } }, { accessToken }, { facts, endpoint, clock, signal }) {
    const subscription = cluster.subscription_id ?? facts.subscription
    if (subscription === undefined)
      throw new AuthError(
        'ConfigInvalid',
        `Nothing says which subscription the cluster ${cluster.name} is in.`,
        {
          hint: 'Give it a `subscription_id`, or let an identity of kind azure/subscription have it.',
        },
      )
    return aksClusterRequest({
      endpoint: endpoint('management') ?? azureCloud(facts.cloud).management,
      subscription,
      resourceGroup: cluster.resource_group,
      name: cluster.name,
      accessToken,
      clock,
      signal,
    })
  },
})
