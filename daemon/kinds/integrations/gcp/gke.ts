import * as z from 'zod'
import { gkeClusterRequest } from '../../../upstream/gke.ts'
import { defineIntegration } from '../../contract.ts'
import { projectId } from '../../fields/gcp.ts'
import { autoProvision, clusterEntry } from '../../fields/integration.ts'

const config = z
  .strictObject({
    spec: z.strictObject({
      auto_provision: autoProvision,
      cluster: z.strictObject({
        name: z.string().min(1),
        project_id: projectId,
        location: z
          .string()
          .regex(/^[a-z]+-[a-z]+\d{1,2}(?:-[a-z])?$/, 'must be a region or a zone, such as us-central1'),
        ...clusterEntry,
      }),
    }),
  })
  .describe('A GKE cluster in kubeconfig')

/** A GKE cluster in kubeconfig. */
export default defineIntegration<z.infer<typeof config>, 'gcp-token'>({
  accepts: ['gcp-token'],
  config,
  apply: ({ spec: { cluster } }) => ({
    type: 'kubeconfig',
    token: ['gke-token'],
    context: cluster.alias,
    ...cluster.kubeconfig,
  }),
  describe: ({ spec: { cluster } }, { accessToken, quotaProject }, { endpoint, clock, signal }) =>
    gkeClusterRequest({
      endpoint: endpoint('container'),
      project: cluster.project_id,
      location: cluster.location,
      name: cluster.name,
      accessToken,
      quotaProject,
      clock,
      signal,
    }),
})
