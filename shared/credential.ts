import type { Secret } from './secret.ts'

/** AWS session credentials, as every AWS SDK uses them. */
export interface AwsCredential {
  type: 'aws'
  accessKeyId: string
  secretAccessKey: Secret
  sessionToken: Secret
  /** Epoch milliseconds. */
  expiresAt: number
  /** Twelve digits, where the upstream told them. */
  accountId?: string
  /** The principal's ARN, where the upstream told it. */
  principal?: string
}

/** A session with an IAM Identity Center portal. */
export interface AwsSsoToken {
  type: 'aws-sso-token'
  accessToken: Secret
  /** End of the access token, epoch milliseconds. */
  expiresAt: number
  refreshToken?: Secret
  /** The registered OIDC client that the refresh token belongs to. */
  client: SsoClient
  /** Region of the portal. */
  region: string
}

export interface SsoClient {
  clientId: string
  clientSecret: Secret
  /** Epoch milliseconds. */
  expiresAt: number
}

/** Secret material of one upstream session. Endpoint dialects and environments follow from its `type`. */
export type Credential = AwsCredential | AwsSsoToken
export type CredentialType = Credential['type']
export type CredentialOf<T extends CredentialType> = Extract<Credential, { type: T }>
