import * as z from 'zod'
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
export default defineIntegration<z.infer<typeof config>, 'aws'>({ accepts: ['aws'], config })
