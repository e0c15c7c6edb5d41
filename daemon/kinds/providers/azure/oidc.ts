import * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { azureFields, azureSpec, clientId } from '../../fields/azure.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { notYet } from '../../not-yet.ts'

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

/** Federated credentials: the token of a workload, exchanged at Entra ID. */
export default defineProvider<z.infer<typeof config>, 'azure-token'>({
  yields: 'azure-token',
  config,
  interactive: false,
  login: notYet('azure/oidc'),
  lifetime: 'Entra ID decides how long its tokens last.',
})
