import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { IntegrationNode, Node } from './node.ts'

/** From the root on, as a chain's steps or as nodes alone. */
interface Path {
  steps: readonly { node: Node | IntegrationNode }[]
}

/** What the configuration of a path says of where its identity works; of two sayings the one nearer to the identity. */
export function factsOf({ steps }: Path): CloudFacts {
  const said = steps.flatMap(({ node: { kind, config } }) =>
    Object.entries(kind.facts?.(config) ?? {}).filter(([, value]) => value !== undefined),
  )
  return Object.fromEntries(said)
}
