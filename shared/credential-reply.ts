import type { CloudFacts } from './cloud-facts.ts'

interface Common {
  identity: string
  region: string
  expiresAt: number
  variables?: Record<string, string>
}

export interface AwsCredentialReply extends Common {
  type: 'aws'
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  /** Twelve digits, where the cloud told them. */
  accountId?: string
}

export interface GoogleCredentialReply extends Common {
  type: 'gcp-token'
  accessToken: string
  facts: CloudFacts
}

export interface AzureCredentialReply extends Common {
  type: 'azure-token'
  accessToken: string
  facts: CloudFacts
}

/** A credential itself, for tools that cannot ask an endpoint: keys and tokens are secrets. */
export type CredentialReply = AwsCredentialReply | GoogleCredentialReply | AzureCredentialReply
