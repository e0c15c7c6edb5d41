import type * as z from 'zod'
import { AZ_NAMES, azTokenRequest } from '../../../upstream/azure-cli.ts'
import { scopesOf } from '../../../upstream/entra.ts'
import { defineProvider } from '../../contract.ts'
import { azureFacts, azureFields, azureSpec } from '../../fields/azure.ts'
import { eitherPlace } from '../../fields/either-place.ts'

const config = eitherPlace(azureFields, azureSpec).describe('What `az login` left on this machine')

/**
 * The sign-in of the client's own `az`, which is run for each token: nothing is read from its files, and nothing written.
 * It hands out the token that it has until minutes before the end, so there is none that lasts longer to be had before.
 */
export default defineProvider<z.infer<typeof config>, 'azure-token'>({
  yields: 'azure-token',
  config,
  interactive: false,
  scoped: true,
  variables: AZ_NAMES,
  facts: azureFacts,
  login(config, context) {
    const { tenant_id: tenant, subscription_id: subscription } = config
    return azTokenRequest({ ...context, tenant, subscription, scopes: scopesOf(config, context) })
  },
  lifetime: 'Entra ID decides how long its tokens last.',
})
