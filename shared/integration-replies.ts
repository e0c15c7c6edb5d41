/** What the daemon answers about integrations. Types alone; fields are only ever added. */
import type { FailureBody } from './errors.ts'

/** An integration that was applied: what is to be entered where the client runs. */
export type Applied = AppliedRegistry | AppliedCluster

interface Common {
  /** Its name, or the host where the configuration has none. */
  integration: string
  kind: string
  identity: string
}

export interface AppliedRegistry extends Common {
  type: 'docker'
  registries: string[]
  /** End of the token, epoch milliseconds; the helper gets a new one in time. */
  expiresAt: number
  /** The token itself, only where it was asked for. */
  username?: string
  secret?: string
}

export interface AppliedCluster extends Common {
  type: 'kubeconfig'
  /** Its id, by which it is called in kubeconfig. */
  cluster: string
  server: string
  /** Certificates of its authority: PEM in base64. */
  authority: string
  context: string
  user: string
  /** Words with which atmosctl is asked for a token, but for where and for whom. */
  token: string[]
  /** Absolute; one of them is to be written, or is made where none is there. */
  files: string[]
  /** Octal; without it the mode stays as it is. */
  mode?: string
  /** What to do with another tool's entry of that name. */
  update: 'merge' | 'replace' | 'error'
}

export interface ApplyReply {
  applied: Applied[]
  failed: {
    integration: string
    identity: string
    type?: Applied['type']
    kind?: string
    failure: FailureBody
  }[]
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

/** What a client entered in kubeconfig, in one of these files. */
export interface ClusterEntry {
  context: string
  cluster: string
  user: string
  files: string[]
}

/** An entry that a client made in a file of Docker's: a helper's, or a token with that SHA-256, in hex. */
export interface RegistryEntry {
  host: string
  file: string
  digest?: string
}
