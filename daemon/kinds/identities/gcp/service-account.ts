import * as z from 'zod'
import { defineIdentity } from '../../contract.ts'
import { gcpSpec, projectId, scopes, serviceAccount } from '../../fields/gcp.ts'
import { duration } from '../../fields.ts'
import { notYet } from '../../not-yet.ts'

const config = z
  .strictObject({
    principal: z.strictObject({
      service_account_email: serviceAccount,
      project_id: projectId.optional(),
      delegates: z.array(serviceAccount).optional().describe('Accounts in between, the nearest first'),
      scopes: scopes.optional(),
      lifetime: duration(1, 43_200, 'from 1s to 12h').optional(),
    }),
    spec: gcpSpec.optional(),
  })
  .describe('A Google service account')

/** A service account, impersonated by its parent. */
export default defineIdentity<z.infer<typeof config>, 'gcp-token', 'gcp-token'>({
  accepts: ['gcp-token'],
  yields: 'gcp-token',
  config,
  assume: notYet('gcp/service-account'),
  principal: ({ principal }) => principal.service_account_email,
  lifetime: 'Set principal.lifetime, at most 12h.',
})
