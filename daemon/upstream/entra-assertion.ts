/** Client credentials with an assertion (RFC 7523 section 2.2): a workload's own token for one of Entra ID. */
import type { AzureToken } from '../../shared/credential.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Entra } from './entra.ts'
import { withSdk } from './entra-sdk.ts'
import { azureToken } from './entra-token.ts'

/** A new token, for what the workload says of itself. AccessDenied where the application does not trust it. */
export function entraAssertion(entra: Entra, assertion: Secret): Promise<AzureToken> {
  const { tenant, clientId } = entra
  return withSdk(entra, 'assertion', async (sdk, options, ask) => {
    const say = async () => assertion.reveal()
    const credential = new sdk.ClientAssertionCredential(tenant, clientId, say, options)
    const token = await ask(credential)
    return azureToken(token, entra)
  })
}
