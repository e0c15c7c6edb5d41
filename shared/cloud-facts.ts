import type { AzureCloud } from './azure-clouds.ts'

/** Where in its cloud an identity works, as far as its configuration says. None of it is secret. */
export interface CloudFacts {
  /** Google Cloud: the project's id and its number, the zone, the account's mail address. */
  project?: string | undefined
  projectNumber?: string | undefined
  zone?: string | undefined
  account?: string | undefined
  /** Azure: ids of the tenant, the subscription and the application, a location, and which of the clouds it is. */
  tenant?: string | undefined
  subscription?: string | undefined
  client?: string | undefined
  location?: string | undefined
  resourceGroup?: string | undefined
  cloud?: AzureCloud | undefined
  /** A region, of whatever cloud. */
  region?: string | undefined
}
