/** Device authorization grant (RFC 8628) at Entra ID: a code that is confirmed in any browser. */
import type { AzureToken } from '../../shared/credential.ts'
import type { Entra } from './entra.ts'
import { withCache } from './entra-cache.ts'
import { withSdk } from './entra-sdk.ts'
import { azureToken } from './entra-token.ts'

/** How long a code is good that does not say it. */
const CODE_MS = 15 * 60_000

export interface DevicePrompt {
  deviceCode(shown: { userCode: string; verificationUri: string; address: string; expiresAt: number }): void
}

/** Shows a code, then asks at the agreed pace until the person has decided or the code has expired. */
export function entraDeviceLogin(entra: Entra, prompt: DevicePrompt): Promise<AzureToken> {
  const { clientId, clock } = entra
  return withSdk(entra, 'sign-in', (sdk, options, ask, ends) =>
    withCache(sdk, undefined, async (cache) => {
      const credential = new sdk.DeviceCodeCredential({
        ...options,
        ...cache.options,
        clientId,
        userPromptCallback({ userCode, verificationUri }) {
          const expiresAt = ends() ?? clock.now() + CODE_MS
          prompt.deviceCode({ userCode, verificationUri, address: verificationUri, expiresAt })
        },
      })
      const token = await ask(credential)
      const username = cache.record(clientId)?.username
      return azureToken(token, entra, { session: cache.kept(), username })
    }),
  )
}
