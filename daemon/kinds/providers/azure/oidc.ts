import * as z from 'zod'
import { entraOf } from '../../../upstream/entra.ts'
import { entraAssertion } from '../../../upstream/entra-assertion.ts'
import { WORKLOAD_NAMES, workloadToken } from '../../../upstream/workload-token.ts'
import { defineProvider } from '../../contract.ts'
import { azureFacts, azureFields, azureSpec, clientId } from '../../fields/azure.ts'
import { eitherPlace } from '../../fields/either-place.ts'

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust */
const AUDIENCE = 'api://AzureADTokenExchange'

const config = eitherPlace(
  {
    ...azureFields,
    client_id: clientId,
    audience: z
      .string()
      .min(1)
      .optional()
      .describe('Whom the token of the workload is for; api://AzureADTokenExchange unless given'),
    token_file_path: z.string().min(1).optional().describe('File with the token of the workload'),
  },
  azureSpec,
).describe('The OIDC token of a workload for one of Entra ID')

/**
 * Federated credentials: the token of a workload, exchanged at Entra ID. The file that the configuration names is asked
 * before the one that the client's shell does, and that before GitHub Actions. Each exchange reads it anew: it rotates.
 */
export default defineProvider<z.infer<typeof config>, 'azure-token'>({
  yields: 'azure-token',
  config,
  interactive: false,
  scoped: true,
  variables: WORKLOAD_NAMES,
  facts: (config) => ({ ...azureFacts(config), client: config.client_id }),
  async login(config, context) {
    const { audience = AUDIENCE, token_file_path: file } = config
    return entraAssertion(entraOf(config, context), await workloadToken({ ...context, audience, file }))
  },
  lifetime: 'Entra ID decides how long its tokens last.',
})
