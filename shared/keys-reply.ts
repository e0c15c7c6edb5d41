/** Long-term keys of an identity, as the keyring has them; never the keys themselves. */
export interface KeysReply {
  identity: string
  realm: string
  /** Type of the keyring that they rest in. */
  keyring: string
  /** Whether there were keys before the request. */
  held: boolean
}
