/** What comes of an integration: what a client enters for it in another tool's configuration. Types alone. */

/** What a client is to enter in another tool's configuration. The daemon touches no file of the user's. */
export type Application = DockerApplication | KubeApplication

export interface DockerApplication {
  type: 'docker'
  /** Hosts for which Docker is to ask the credential helper. */
  registries: readonly string[]
}

export interface KubeApplication {
  type: 'kubeconfig'
  /** The words with which atmosctl is asked for a token, but for where and for whom. */
  token: readonly string[]
  /** Name of the context; the cluster's id where there is none. */
  context?: string | undefined
  /** The file, where it is no usual one. */
  path?: string | undefined
  /** Octal. */
  mode?: string | undefined
  update?: 'merge' | 'replace' | 'error' | undefined
}

/**
 * A cluster as its cloud describes it: its id, the address of its API server, its authority as base64 of PEM, and the
 * application that its tokens are for, where that is one of its own.
 */
export interface ClusterFacts {
  id: string
  server: string
  authority: string
  audience?: string
}
