/** Another token from a sign-in, with nobody asked: by the refresh token in the SDK's cache. */
import type { AzureToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Entra } from './entra.ts'
import { withCache } from './entra-cache.ts'
import { withSdk } from './entra-sdk.ts'
import { azureToken } from './entra-token.ts'

/** A new token, however long the last one is good for. LoginRequired where Entra ID wants to see the person. */
export async function entraSilent(entra: Entra, session: Secret | undefined): Promise<AzureToken> {
  if (!session) throw over()
  const { clientId } = entra
  return withSdk(entra, 'renewal', (sdk, options, ask) =>
    withCache(sdk, session.reveal(), async (cache) => {
      const authenticationRecord = cache.record(clientId)
      if (!authenticationRecord) throw over()
      const credential = new sdk.DeviceCodeCredential({
        ...options,
        ...cache.options,
        clientId,
        authenticationRecord,
        disableAutomaticAuthentication: true,
        userPromptCallback() {},
      })
      const token = await ask(credential)
      return azureToken(token, entra, { session: cache.kept(), username: authenticationRecord.username })
    }),
  )
}

/** One for other scopes. What renews the sign-in stays with the sign-in. */
export async function entraDerived(entra: Entra, session: Secret | undefined): Promise<AzureToken> {
  const { session: _, ...token } = await entraSilent(entra, session)
  return token
}

function over(): AuthError {
  return new AuthError('LoginRequired', 'The sign-in to Entra ID has ended.')
}
