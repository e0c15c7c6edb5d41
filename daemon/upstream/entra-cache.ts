/** The SDK's cache of one sign-in, as text that rests where sessions do; the SDK writes no file. */
import type { AuthenticationRecord, DeviceCodeCredentialOptions, IdentityPlugin } from '@azure/identity'
import type { Sdk } from './entra-sdk.ts'

export interface EntraCache {
  /** What a credential of the SDK is given to use this cache. */
  options: Pick<DeviceCodeCredentialOptions, 'tokenCachePersistenceOptions'>
  /** What to keep: all but the access tokens, so that the next one asked for is a new one. */
  kept(): string
  /** Whose sign-in it is; undefined while there is none. */
  record(clientId: string): AuthenticationRecord | undefined
}

/** What the SDK hands a plugin of a cache. It has no documented type. */
interface Access {
  cacheHasChanged: boolean
  tokenCache: { deserialize(text: string): void; serialize(): string }
}
interface PluginContext {
  cachePluginControl: { setPersistence(provider: (options?: { name?: string }) => Promise<object>): void }
}

interface Written {
  Account?: Record<string, Record<string, string>>
}

/** Caches in use, by name: the SDK has one provider of them for the whole process. */
const inUse = new Map<string, { text: string }>()
let serial = 0

/** Runs `use` with a cache of `text`, or with an empty one. */
export async function withCache<T>(
  sdk: Sdk,
  text: string | undefined,
  use: (cache: EntraCache) => Promise<T>,
): Promise<T> {
  sdk.useIdentityPlugin(plugin as IdentityPlugin)
  serial += 1
  const name = `session-${serial}`
  const held = { text: text ?? '{}' }
  inUse.set(name, held)
  try {
    return await use({
      options: { tokenCachePersistenceOptions: { enabled: true, name } },
      kept: () => JSON.stringify({ ...written(held.text), AccessToken: {} }),
      record: (clientId) => recordOf(written(held.text), clientId),
    })
  } finally {
    inUse.delete(name)
  }
}

function plugin({ cachePluginControl }: PluginContext): void {
  cachePluginControl.setPersistence(async (options) => ({
    async beforeCacheAccess({ tokenCache }: Access) {
      const held = inUse.get(options?.name ?? '')
      if (held) tokenCache.deserialize(held.text)
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }: Access) {
      const held = inUse.get(options?.name ?? '')
      if (held && cacheHasChanged) held.text = tokenCache.serialize()
    },
  }))
}

/** A sign-in begins with an empty cache, so there is one account in it. */
function recordOf({ Account = {} }: Written, clientId: string): AuthenticationRecord | undefined {
  const [account] = Object.values(Account)
  if (!account) return undefined
  const {
    environment = '',
    home_account_id: homeAccountId = '',
    realm: tenantId = '',
    username = '',
  } = account
  return { authority: environment, homeAccountId, tenantId, username, clientId }
}

function written(text: string): Written {
  try {
    return JSON.parse(text) as Written
  } catch {
    return {}
  }
}
