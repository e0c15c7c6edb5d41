import type * as z from 'zod'
import { entraOf } from '../../../upstream/entra.ts'
import { entraCodeLogin } from '../../../upstream/entra-code-flow.ts'
import { entraDerived, entraSilent } from '../../../upstream/entra-silent.ts'
import { defineProvider } from '../../contract.ts'
import { azureFacts, azureFields, azureSpec, clientId } from '../../fields/azure.ts'
import { eitherPlace } from '../../fields/either-place.ts'

const config = eitherPlace({ ...azureFields, client_id: clientId.optional() }, azureSpec).describe(
  'Sign-in to Entra ID in a browser',
)

/** Sign-in to Entra ID by authorization code, renewed by refresh token for as long as the tenant's policies allow. */
export default defineProvider<z.infer<typeof config>, 'azure-token'>({
  yields: 'azure-token',
  config,
  interactive: true,
  scoped: true,
  facts: azureFacts,
  login: (config, context) => entraCodeLogin(entraOf(config, context), context),
  refresh: (config, held, context) => entraSilent(entraOf(config, context), held.session),
  derive: (config, { session }, context) => entraDerived(entraOf(config, context), session),
  lifetime: 'Entra ID decides how long its tokens last.',
})
