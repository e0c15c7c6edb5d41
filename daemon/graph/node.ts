import type { Keyring } from '../../shared/keyring.ts'
import type { AnyIdentity, AnyProvider } from '../kinds/contract.ts'

/** The parent of an identity as `via:` names it; exactly one of the two in a sound configuration. */
export interface Via {
  provider?: string | undefined
  identity?: string | undefined
}

interface Common {
  name: string
  /** The kind's name in atmos.yaml. */
  kindName: string
  /** Checked by the kind's schema; undefined where a problem stands against it. */
  config: unknown
  region: string | undefined
  /** Where `spec` moves services to: `all` of them, or those of `each`. */
  endpoints: { all?: string | undefined; each: Readonly<Record<string, string>> }
  /** Variables of `!env` that have neither a value nor a default, with their places. */
  missing: readonly string[]
}

export interface ProviderNode extends Common {
  role: 'provider'
  kind: AnyProvider
  startUrl: string | undefined
}

export interface IdentityNode extends Common {
  role: 'identity'
  kind: AnyIdentity
  via: Via | undefined
  default: boolean
  alias: string | undefined
  /** Its own variables for tools (`env:`). */
  variables: Readonly<Record<string, string>>
}

export type Node = ProviderNode | IdentityNode

/** The providers and identities of one configuration, by name. */
export interface Graph {
  realm: string
  keyring: Keyring
  providers: ReadonlyMap<string, ProviderNode>
  identities: ReadonlyMap<string, IdentityNode>
  /** `provider/NAME` and `identity/NAME` of what is there but of no known kind. */
  unknown: ReadonlySet<string>
}

/** Something wrong, at a path from the root of the document such as ['auth','identities','dev','via']. */
export interface Fault {
  path: readonly (string | number)[]
  message: string
  hint?: string
}
