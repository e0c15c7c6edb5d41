import * as z from 'zod'
import { acrHost } from '../../../../shared/cloud-registries.ts'
import { acrTokenRequest } from '../../../upstream/acr.ts'
import { defineIntegration } from '../../contract.ts'
import { autoProvision } from '../../fields/integration.ts'

const config = z
  .strictObject({
    spec: z.strictObject({
      auto_provision: autoProvision,
      registry: z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9]+$/, 'must be the name of a registry, without .azurecr.io'),
        tenant_id: z.string().min(1).optional(),
      }),
    }),
  })
  .describe('Sign-in of Docker to an Azure container registry')

/** Docker signed in to an Azure container registry. */
export default defineIntegration<z.infer<typeof config>, 'azure-token'>({
  accepts: ['azure-token'],
  config,
  apply: ({ spec: { registry } }, { cloud }) => ({
    type: 'docker',
    registries: [acrHost(registry.name, cloud)],
  }),
  assume: ({ spec: { registry } }, { accessToken, tenantId }, { facts, endpoint, clock, signal }) =>
    acrTokenRequest({
      host: acrHost(registry.name, facts.cloud),
      endpoint: endpoint('acr'),
      tenant: registry.tenant_id ?? facts.tenant ?? tenantId,
      accessToken,
      clock,
      signal,
    }),
})
