/** The variables that give Azure's tools their credentials, and those that would win over them. Pure. */
import { join } from 'node:path'
import { azureCloud } from '../../shared/azure-clouds.ts'
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import { AuthError } from '../../shared/errors.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { type Before, type Environment, type GrantFile, given, noProxy } from './change.ts'

/** Other ways to sign in, which the SDKs, terraform and az look at before a managed identity, or in place of ours. */
const OTHERS = [
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_USERNAME',
  'AZURE_PASSWORD',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSI_SECRET',
  'MSAL_MANAGED_IDENTITY_ENDPOINT',
  'ARM_CLIENT_ID',
  'ARM_CLIENT_ID_FILE_PATH',
  'ARM_CLIENT_SECRET',
  'ARM_CLIENT_SECRET_FILE_PATH',
  'ARM_CLIENT_CERTIFICATE',
  'ARM_CLIENT_CERTIFICATE_PATH',
  'ARM_CLIENT_CERTIFICATE_PASSWORD',
  'ARM_USE_OIDC',
  'ARM_USE_AKS_WORKLOAD_IDENTITY',
  'ARM_OIDC_TOKEN',
  'ARM_OIDC_TOKEN_FILE_PATH',
  'ARM_OIDC_REQUEST_URL',
  'ARM_OIDC_REQUEST_TOKEN',
  'ARM_ACCESS_KEY',
  'ARM_SAS_TOKEN',
]
const ENDPOINT = [
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'MSI_ENDPOINT',
  'ARM_USE_MSI',
  'ARM_MSI_ENDPOINT',
  'ARM_USE_CLI',
  'AZURE_TOKEN_CREDENTIALS',
  'AZURE_CONFIG_DIR',
]

/** What wins over a managed identity where it is set. */
export const azureWinners = OTHERS

/** Names that decide whose credentials a tool uses. */
export const azureReserved = [...OTHERS, ...ENDPOINT, 'AZURE_AUTHORITY_HOST']

type Grant = Pick<GrantReply, 'url' | 'token' | 'path' | 'directory' | 'facts'>
type Own = Readonly<Record<string, string>>

/**
 * A managed identity: with a secret header for the SDKs and a new az; by a path for terraform, which can send none, and
 * for az of old.
 */
export function azureEnvironment(grant: Grant, own: Own, env: Before): Environment {
  const { url, path, token, facts = {}, directory = '' } = grant
  const { login, az, terraform } = azureCloud(facts.cloud)
  const authority = terraform && `${login}/`
  const config = join(directory, 'azure')
  const set = {
    ...places(facts, terraform),
    ...own,
    IDENTITY_ENDPOINT: `${url}/msi/token`,
    IDENTITY_HEADER: token,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    MSI_ENDPOINT: `${url}/${path}/cloudshell`,
    ARM_USE_MSI: 'true',
    ARM_MSI_ENDPOINT: `${url}/${path}/metadata/identity/oauth2/token`,
    ARM_USE_CLI: 'false',
    ARM_USE_AZUREAD: 'true',
    AZURE_CONFIG_DIR: config,
    ...given({ AZURE_AUTHORITY_HOST: authority }),
    ...noProxy(own, env),
  }
  const unset = [...OTHERS, ...(authority ? [] : ['AZURE_AUTHORITY_HOST'])]
  return { set, unset, files: [...profile(facts, config, az)] }
}

/** No tool of Azure's takes a token as it is. */
export function azureStatic(): never {
  throw new AuthError('Usage', 'No tool of Azure takes a token from a variable.', {
    hint: 'Leave out --static: the variables then lead to an endpoint that gives tokens.',
  })
}

function places(facts: CloudFacts, terraform: string | undefined): Record<string, string> {
  const { subscription, tenant, location, resourceGroup } = facts
  return given({
    AZURE_SUBSCRIPTION_ID: subscription,
    ARM_SUBSCRIPTION_ID: subscription,
    AZURE_TENANT_ID: tenant,
    ARM_TENANT_ID: tenant,
    AZURE_LOCATION: location,
    ARM_LOCATION: location,
    AZURE_RESOURCE_GROUP: resourceGroup,
    ARM_ENVIRONMENT: terraform,
    AZURE_ENVIRONMENT: terraform,
  })
}

/** What `az login --identity` would leave, so that nobody has to run it. */
function profile({ subscription, tenant }: CloudFacts, config: string, cloud: string): GrantFile[] {
  if (subscription === undefined || tenant === undefined) return []
  const entry = {
    id: subscription,
    name: subscription,
    state: 'Enabled',
    user: { name: 'systemAssignedIdentity', type: 'servicePrincipal', assignedIdentityInfo: 'MSI' },
    isDefault: true,
    tenantId: tenant,
    environmentName: cloud,
    homeTenantId: tenant,
    managedByTenants: [],
  }
  return [{ path: join(config, 'azureProfile.json'), text: JSON.stringify({ subscriptions: [entry] }) }]
}
