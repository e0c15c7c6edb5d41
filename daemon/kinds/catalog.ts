import type { AnyKind } from './contract.ts'

type Load = () => Promise<{ default: AnyKind }>

/** Every kind by the name that atmos.yaml gives it. A literal map of lazy imports, so that a bundle holds them all. */
export const catalog: Readonly<Record<string, Load>> = {
  'aws/iam-identity-center': () => import('./providers/aws/iam-identity-center.ts'),
  'aws/saml': () => import('./providers/aws/saml.ts'),
  'github/oidc': () => import('./providers/github/oidc.ts'),
  'gcp/adc': () => import('./providers/gcp/adc.ts'),
  'gcp/workload-identity-federation': () => import('./providers/gcp/workload-identity-federation.ts'),
  'azure/cli': () => import('./providers/azure/cli.ts'),
  'azure/device-code': () => import('./providers/azure/device-code.ts'),
  'azure/interactive': () => import('./providers/azure/interactive.ts'),
  'azure/oidc': () => import('./providers/azure/oidc.ts'),
  'aws/ambient': () => import('./identities/aws/ambient.ts'),
  'aws/assume-role': () => import('./identities/aws/assume-role.ts'),
  'aws/assume-root': () => import('./identities/aws/assume-root.ts'),
  'aws/permission-set': () => import('./identities/aws/permission-set.ts'),
  'aws/user': () => import('./identities/aws/user.ts'),
  'azure/subscription': () => import('./identities/azure/subscription.ts'),
  'gcp/project': () => import('./identities/gcp/project.ts'),
  'gcp/service-account': () => import('./identities/gcp/service-account.ts'),
  'aws/ecr': () => import('./integrations/aws/ecr.ts'),
  'aws/ecr-public': () => import('./integrations/aws/ecr-public.ts'),
  'aws/eks': () => import('./integrations/aws/eks.ts'),
  'azure/acr': () => import('./integrations/azure/acr.ts'),
  'azure/aks': () => import('./integrations/azure/aks.ts'),
  'gcp/artifact-registry': () => import('./integrations/gcp/artifact-registry.ts'),
  'gcp/gke': () => import('./integrations/gcp/gke.ts'),
}

export type Catalog = typeof catalog
