import * as z from 'zod'
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

/** Docker signed in to public.ecr.aws, whose sign-in is in two regions alone. */
export default defineIntegration<z.infer<typeof config>, 'aws'>({ accepts: ['aws'], config })
