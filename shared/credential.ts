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
  /** What gets another one with nobody asked, where a person signed in to AWS for it. It never leaves the daemon. */
  renewal?: AwsRenewal
}

/** A sign-in to AWS itself, as `aws login` has it. */
export interface AwsRenewal {
  /** AWS's own name of the kind of program that was signed in for. */
  clientId: string
  /** Good once: each answer brings the next. */
  refreshToken: Secret
  /** The private key that the refresh token is bound to, as a JSON Web Key. */
  proofKey: Secret
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

/** What a SAML identity provider says about a person; AWS takes it once, within minutes. */
export interface SamlAssertion {
  type: 'saml-assertion'
  /** The response as the browser would post it, in base64. */
  assertion: Secret
  /** Epoch milliseconds. */
  expiresAt: number
  /** How long the first role is to last, where the provider's configuration says so. */
  sessionSeconds?: number
}

/** An OpenID Connect token that says what a workload is. */
export interface OidcToken {
  type: 'oidc-token'
  token: Secret
  /** Whom it is meant for. */
  audience: string
  /** Epoch milliseconds. */
  expiresAt: number
}

/** A session with Microsoft Entra ID. */
export interface AzureToken {
  type: 'azure-token'
  accessToken: Secret
  /** What the access token is for, such as `https://management.azure.com/.default`. */
  scope: string
  /** End of the access token, epoch milliseconds. */
  expiresAt: number
  tenantId: string
  /** Who signed in, as a person would name them. */
  principal?: string
  /** What gets other tokens with nobody asked, such as the cache of a sign-in, as JSON. */
  session?: Secret
}

/** A Google access token. */
export interface GcpToken {
  type: 'gcp-token'
  accessToken: Secret
  /** Epoch milliseconds. */
  expiresAt: number
  /** The account's mail address, where the upstream told it. */
  principal?: string
  /** Whose quota counts where a person's token asks an API: a project's id. */
  quotaProject?: string
}

/** What a container registry takes for a while. */
export interface RegistryToken {
  type: 'registry-token'
  username: string
  token: Secret
  /** Epoch milliseconds. */
  expiresAt: number
}

/** Secret material of one upstream session. Endpoint dialects and environments follow from its `type`. */
export type Credential =
  | AwsCredential
  | AwsSsoToken
  | SamlAssertion
  | OidcToken
  | AzureToken
  | GcpToken
  | RegistryToken
export type CredentialType = Credential['type']
export type CredentialOf<T extends CredentialType> = Extract<Credential, { type: T }>
