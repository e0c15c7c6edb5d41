import type * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { azureFields, azureSpec, clientId } from '../../fields/azure.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { notYet } from '../../not-yet.ts'

const config = eitherPlace({ ...azureFields, client_id: clientId.optional() }, azureSpec).describe(
  'Sign-in to Entra ID in a browser',
)

/** Sign-in to Entra ID by authorization code. */
export default defineProvider<z.infer<typeof config>, 'azure-token'>({
  yields: 'azure-token',
  config,
  interactive: true,
  login: notYet('azure/interactive'),
  lifetime: 'Entra ID decides how long its tokens last.',
})
