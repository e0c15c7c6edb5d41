/** A credential itself, for tools that cannot ask an endpoint: `secretAccessKey` and `sessionToken` are secrets. */
export interface CredentialReply {
  identity: string
  type: 'aws'
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  region: string
  /** Twelve digits, where the cloud told them. */
  accountId?: string
  expiresAt: number
  variables?: Record<string, string>
}
