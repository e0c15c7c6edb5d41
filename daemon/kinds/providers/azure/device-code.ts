import type * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { azureFields, azureSpec, clientId } from '../../fields/azure.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { notYet } from '../../not-yet.ts'

const config = eitherPlace({ ...azureFields, client_id: clientId.optional() }, azureSpec).describe(
  'Sign-in to Entra ID with a code that is confirmed in a browser',
)

/** Sign-in to Entra ID by device code. */
export default defineProvider<z.infer<typeof config>, 'azure-token'>({
  yields: 'azure-token',
  config,
  interactive: true,
  login: notYet('azure/device-code'),
  lifetime: 'Entra ID decides how long its tokens last.',
})
