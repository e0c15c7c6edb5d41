import { USER } from './state.ts'

/** An atmos.yaml for the sandbox cloud at `url`. */
export function exampleConfig(url: string, keyring: 'memory' | 'file' = 'memory'): string {
  return `auth:
  realm: sandbox
  keyring: { type: ${keyring} }
  providers:
    company-sso:
      kind: aws/iam-identity-center
      region: us-east-1
      start_url: https://company.awsapps.com/start
      spec: { endpoint_url: '${url}' }
  identities:
    dev-admin:
      kind: aws/permission-set
      default: true
      via: { provider: company-sso }
      principal: { name: AdminAccess, account: { name: development } }
    prod-admin:
      kind: aws/assume-role
      via: { identity: dev-admin }
      principal: { assume_role: 'arn:aws:iam::222222222222:role/ProductionAdmin', session_name: sandbox }
    emergency:
      kind: aws/user
      credentials:
        access_key_id: !env EMERGENCY_AWS_ACCESS_KEY_ID
        secret_access_key: !env EMERGENCY_AWS_SECRET_ACCESS_KEY
      spec: { endpoint_url: '${url}' }
`
}

/** The variables that its `emergency` wants. */
export const EMERGENCY_KEYS = {
  EMERGENCY_AWS_ACCESS_KEY_ID: USER.accessKeyId,
  EMERGENCY_AWS_SECRET_ACCESS_KEY: USER.secretAccessKey,
}
