/** A credential itself, for tools that cannot ask an endpoint. Beside the console's bare address the one reply with a cloud's secrets in it. */
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
