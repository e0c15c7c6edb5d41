/** What a tool may want of an identity besides its usual token. */
export type Want =
  /** An access token for these scopes, such as `https://vault.azure.net/.default`. */
  | { scopes: readonly string[] }
  /** A token that tells `audience` who the identity is. */
  | { audience: string }
