import * as z from 'zod'
import type { GcpToken } from '../../../../shared/credential.ts'
import { accessTokenRequest, idTokenRequest } from '../../../upstream/google-iam-credentials.ts'
import { CLOUD_PLATFORM } from '../../../upstream/google-token.ts'
import { defineIdentity } from '../../contract.ts'
import { gcpSpec, projectId, scopes, serviceAccount } from '../../fields/gcp.ts'
import { duration } from '../../fields.ts'

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
type Config = z.infer<typeof config>

/** A service account, impersonated by its parent, who needs roles/iam.serviceAccountTokenCreator on it. */
export default defineIdentity<Config, 'gcp-token', 'gcp-token'>({
  accepts: ['gcp-token'],
  yields: 'gcp-token',
  config,
  async assume(config, parent, context) {
    const { scopes = [CLOUD_PLATFORM], lifetime: seconds } = config.principal
    return accessTokenRequest(context, acting(config, parent), { scopes: context.scopes ?? scopes, seconds })
  },
  scoped: true,
  async identify(config, parent, audience, context) {
    return idTokenRequest(context, acting(config, parent), audience)
  },
  principal: ({ principal }) => principal.service_account_email,
  facts: ({ principal }) => ({ project: principal.project_id, account: principal.service_account_email }),
  lifetime: 'Set principal.lifetime, at most 12h.',
})

function acting({ principal }: Config, parent: GcpToken) {
  return { account: principal.service_account_email, delegates: principal.delegates, parent }
}
