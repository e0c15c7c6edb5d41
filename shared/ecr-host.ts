/** Host names of Amazon's container registries (ECR User Guide, "Private registry" and "Service endpoints"). Pure. */

import { REGION } from './aws-names.ts'

export const ECR_PUBLIC = 'public.ecr.aws'

export interface EcrRegistry {
  account_id: string
  region: string
}

/** Regions whose partitions have names of their own; all others are in amazonaws.com. */
const SUFFIXES: readonly [prefix: string, suffix: string][] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
]
const HAS_FIPS = /^us-(?:gov-)?(?:east|west)-\d$/
const HOST = new RegExp(String.raw`^(\d{12})\.dkr\.ecr(-fips)?\.(${REGION})\.(.+)$`)
const DUAL_STACK = new RegExp(
  String.raw`^(\d{12})\.dkr-ecr(?:-fips)?\.(${REGION})\.on\.(?:aws|amazonwebservices\.com\.cn)$`,
)

function suffixOf(region: string): string {
  return SUFFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com'
}

/** Every host at which the registry answers; the first is the one that people write. */
export function ecrHosts({ account_id, region }: EcrRegistry): string[] {
  const services = HAS_FIPS.test(region) ? ['ecr', 'ecr-fips'] : ['ecr']
  return services.map((service) => `${account_id}.dkr.${service}.${region}.${suffixOf(region)}`)
}

/** The registry that a host belongs to; undefined for a host that is none of ECR's private ones. */
export function ecrRegistryOf(host: string): EcrRegistry | undefined {
  const [, account_id, , region, suffix] = HOST.exec(host) ?? []
  if (account_id && region && suffix === suffixOf(region)) return { account_id, region }
  const [, account, place] = DUAL_STACK.exec(host) ?? []
  return account && place ? { account_id: account, region: place } : undefined
}
