/** The SDK of Microsoft Entra ID, which sends by our transport and keeps nothing of its own. */
import type { DeviceCodeCredentialOptions, TokenCredential } from '@azure/identity'
import { AuthError } from '../../shared/errors.ts'
import type { Entra, Occasion } from './entra.ts'
import { entraTransport } from './entra-transport.ts'

export type Sdk = typeof import('@azure/identity')
/** What every credential of the SDK is made with. */
export type SdkOptions = Pick<
  DeviceCodeCredentialOptions,
  'authorityHost' | 'tenantId' | 'httpClient' | 'retryOptions' | 'disableInstanceDiscovery'
>

/** A token as it came, and its end in epoch milliseconds. */
export interface Given {
  token: string
  expiresAt: number
}
/** Asks a credential of the SDK for the token. */
export type Ask = (credential: TokenCredential) => Promise<Given>
/** The end of what came last, a token or a code, where it says one. */
export type Ends = () => number | undefined

/**
 * Runs one exchange of the SDK's. The SDK tries nothing twice and asks nobody which clouds there are. Every failure is an
 * AuthError, from what Entra ID answered last rather than from what the SDK made of it.
 */
export async function withSdk<T>(
  entra: Entra,
  occasion: Occasion,
  use: (sdk: Sdk, options: SdkOptions, ask: Ask, ends: Ends) => Promise<T>,
): Promise<T> {
  const sdk = await import('@azure/identity')
  const { httpClient, failure, ends } = entraTransport(entra, occasion)
  const options: SdkOptions = {
    authorityHost: entra.login,
    tenantId: entra.tenant,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
    httpClient,
  }
  const ask: Ask = async (credential) => {
    const given = await credential.getToken([...entra.scopes], { abortSignal: entra.signal })
    const expiresAt = ends()
    if (!given || expiresAt === undefined) throw unusable()
    return { token: given.token, expiresAt }
  }
  try {
    return await unlessAborted(entra.signal, use(sdk, options, ask, ends))
  } catch (error) {
    throw failure() ?? unusable(error)
  }
}

/** The SDK looks at the signal between two questions alone. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const cancelled = () => reject(new AuthError('LoginCancelled', 'The sign-in was cancelled.'))
  if (signal.aborted) cancelled()
  signal.addEventListener('abort', cancelled, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', cancelled))
}

function unusable(error?: unknown): AuthError {
  if (error instanceof AuthError) return error
  return new AuthError('UpstreamUnavailable', 'Entra ID answered with nothing usable.', { cause: error })
}
