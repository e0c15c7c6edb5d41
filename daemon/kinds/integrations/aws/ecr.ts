import * as z from 'zod'
import { ecrHosts } from '../../../../shared/ecr-host.ts'
import { ecrTokenRequest } from '../../../upstream/ecr.ts'
import { defineIntegration } from '../../contract.ts'
import { autoProvision } from '../../fields/integration.ts'
import { accountId, region } from '../../fields.ts'

const config = z
  .strictObject({
    spec: z.strictObject({
      auto_provision: autoProvision,
      registry: z.strictObject({ account_id: accountId, region }),
    }),
  })
  .describe('Sign-in of Docker to an ECR registry')

/** Docker signed in to the ECR registry of an account and a region. */
export default defineIntegration<z.infer<typeof config>, 'aws'>({
  accepts: ['aws'],
  config,
  apply: ({ spec: { registry } }) => ({ type: 'docker', registries: ecrHosts(registry) }),
  assume: ({ spec: { registry } }, keys, { endpoint, signal }) =>
    ecrTokenRequest({ region: registry.region, endpoint: endpoint('ecr'), keys, signal }),
})
