import * as z from 'zod'
import { EKS_CLUSTER } from '../../../../shared/aws-names.ts'
import { clusterRequest } from '../../../upstream/eks-cluster.ts'
import { defineIntegration } from '../../contract.ts'
import { autoProvision, clusterEntry } from '../../fields/integration.ts'
import { region } from '../../fields.ts'

const config = z
  .strictObject({
    spec: z.strictObject({
      auto_provision: autoProvision,
      cluster: z.strictObject({
        name: z.string().regex(EKS_CLUSTER, 'must be the name of a cluster'),
        region,
        ...clusterEntry,
      }),
    }),
  })
  .describe('An EKS cluster in kubeconfig')

/** An EKS cluster in kubeconfig, for which kubectl asks atmosctl for tokens. */
export default defineIntegration<z.infer<typeof config>, 'aws'>({
  accepts: ['aws'],
  config,
  apply: ({ spec: { cluster } }) => ({
    type: 'kubeconfig',
    token: ['eks-token', '--cluster-name', cluster.name, '--region', cluster.region],
    context: cluster.alias,
    ...cluster.kubeconfig,
  }),
  describe: ({ spec: { cluster } }, keys, { endpoint, signal, clock }) =>
    clusterRequest({ region: cluster.region, endpoint: endpoint('eks'), keys, clock, signal }, cluster.name),
})
