/** What the daemon answers about integrations. Types alone; fields are only ever added. */
import type { FailureBody } from './errors.ts'

/** An integration that was applied: what is to be entered where the client runs. */
export interface Applied {
  /** Its name, or the host where the configuration has none. */
  integration: string
  kind: string
  identity: string
  type: 'docker'
  registries: string[]
  /** End of the token, epoch milliseconds; the helper gets a new one in time. */
  expiresAt: number
  /** The token itself, only where it was asked for. */
  username?: string
  secret?: string
}

export interface ApplyReply {
  applied: Applied[]
  failed: { integration: string; identity: string; failure: FailureBody }[]
}

/** Empty for a host that nothing was applied to. */
export interface RegistryReply {
  username?: string
  secret?: string
  /** Epoch milliseconds. */
  expiresAt?: number
}

export interface RegistriesReply {
  registries: { host: string; identity: string }[]
}

/** An entry that a client made in a file of Docker's: a helper's, or a token with that SHA-256, in hex. */
export interface RegistryEntry {
  host: string
  file: string
  digest?: string
}
