import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { Chain } from './chain.ts'

/** What a chain's configuration says of where its identity works; of two sayings the one nearer to the identity. */
export function factsOf({ steps }: Chain): CloudFacts {
  const said = steps.flatMap(({ node: { kind, config } }) =>
    Object.entries(kind.facts?.(config) ?? {}).filter(([, value]) => value !== undefined),
  )
  return Object.fromEntries(said)
}
