import type { AnyKind } from './contract.ts'

type Load = () => Promise<{ default: AnyKind }>

/** Every kind by the name that atmos.yaml gives it. A literal map of lazy imports, so that a bundle holds them all. */
export const catalog: Readonly<Record<string, Load>> = {
  'aws/iam-identity-center': () => import('./providers/aws/iam-identity-center.ts'),
  'aws/assume-role': () => import('./identities/aws/assume-role.ts'),
  'aws/permission-set': () => import('./identities/aws/permission-set.ts'),
  'aws/user': () => import('./identities/aws/user.ts'),
}

export type Catalog = typeof catalog
