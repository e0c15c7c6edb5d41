/** A bearer token for a Kubernetes cluster: a secret. */
export interface ClusterTokenReply {
  identity: string
  token: string
  /** Until when to use it, epoch milliseconds. */
  expiresAt: number
}
