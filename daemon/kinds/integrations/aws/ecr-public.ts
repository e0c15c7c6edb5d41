import * as z from 'zod'
import { ECR_PUBLIC } from '../../../../shared/ecr-host.ts'
import { ecrPublicTokenRequest } from '../../../upstream/ecr-public.ts'
import { defineIntegration } from '../../contract.ts'
import { autoProvision } from '../../fields/integration.ts'

const config = z
  .strictObject({
    spec: z
      .strictObject({
        auto_provision: autoProvision,
        registry: z.strictObject({ region: z.enum(['us-east-1', 'us-west-2']).optional() }).optional(),
      })
      .prefault({}),
  })
  .describe('Sign-in of Docker to public.ecr.aws')

/** Docker signed in to public.ecr.aws, whose tokens come from us-east-1 wherever its registry is. */
export default defineIntegration<z.infer<typeof config>, 'aws'>({
  accepts: ['aws'],
  config,
  apply: () => ({ type: 'docker', registries: [ECR_PUBLIC] }),
  assume: (_, keys, { endpoint, signal, clock }) =>
    ecrPublicTokenRequest({ endpoint: endpoint('ecr-public'), keys, clock, signal }),
})
