/** The way into the web console of a cloud. */
export interface ConsoleReply {
  identity: string
  kind: string
  realm: string
  /** The root of the chain, where that is a provider. */
  provider?: string
  account?: string
  /** Of Google Cloud. */
  project?: string
  /** Where the console opens. */
  destination: string
  /** A page of the daemon that leads there once; where it was asked for, the sign-in address itself, a secret. */
  address: string
  /** Until when the address is good; without it the address signs nobody in, and the browser's own sign-in counts. */
  expiresAt?: number
  sessionEndsAt?: number
  /** Whether the configuration wants a browser profile for each identity. */
  isolated: boolean
  /** Why what was asked for has no effect. */
  unheard?: string
}
