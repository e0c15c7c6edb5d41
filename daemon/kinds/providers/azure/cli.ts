import type * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { azureFields, azureSpec } from '../../fields/azure.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { notYet } from '../../not-yet.ts'

const config = eitherPlace(azureFields, azureSpec).describe('What `az login` left on this machine')

/** The session of the Azure command line. */
export default defineProvider<z.infer<typeof config>, 'azure-token'>({
  yields: 'azure-token',
  config,
  interactive: false,
  login: notYet('azure/cli'),
  lifetime: 'Entra ID decides how long its tokens last.',
})
