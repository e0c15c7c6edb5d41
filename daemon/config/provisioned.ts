/** Identities that come from a portal's list of assignments: they lie below all files, so what is written wins. */
import { type AuthError, asAuthError } from '../../shared/errors.ts'
import { chainOfProvider } from '../graph/chain.ts'
import type { Graph, IdentityNode, ProviderNode } from '../graph/node.ts'
import type { Catalog } from '../kinds/catalog.ts'
import type { AnyIdentity } from '../kinds/contract.ts'
import type { Lists } from '../provisioning/lists.ts'
import { type Offer, offersOf } from '../provisioning/offers.ts'
import { emptyMap, type MapTree, type Place, partAt, placeAt, type Tree } from './tree.ts'
import { graver } from './withheld.ts'

/** What loading needs of the kept lists. */
export type KeptLists = Pick<Lists, 'of' | 'version'>

interface Offered extends Offer {
  provider: ProviderNode
}

export interface Provisioned {
  /** By name in lower case, as names are found in any case. */
  offers: ReadonlyMap<string, Offered>
  /** Whether any provider is to provide identities. */
  wanted: boolean
  /** Why a list could not be looked into: a locked keyring. */
  withheld: AuthError | undefined
}

/** What the providers of a graph offer, the first of two with the same name. */
export async function provisionedBy(graph: Graph, lists: KeptLists | undefined): Promise<Provisioned> {
  const offers = new Map<string, Offered>()
  const providers = [...graph.providers.values()].filter((provider) => selectingOf(provider) !== undefined)
  let withheld: AuthError | undefined
  for (const provider of providers) {
    try {
      const list = await lists?.of(chainOfProvider(graph, provider.name))
      const selecting = selectingOf(provider)
      if (!list || !selecting) continue
      for (const offer of offersOf(list.accounts, selecting)) {
        const key = offer.name.toLowerCase()
        if (!offers.has(key)) offers.set(key, { ...offer, provider })
      }
    } catch (error) {
      withheld = graver(withheld, asAuthError(error))
    }
  }
  return { offers, wanted: providers.length > 0, withheld }
}

function selectingOf({ kind, config }: ProviderNode) {
  return config === undefined ? undefined : kind.provisions?.selecting(config)
}

/** The offers that some layer says something about too, as a layer of their own. */
export function layerBelow({ offers }: Provisioned, tree: MapTree, layers: readonly MapTree[]): MapTree {
  const identities: Record<string, unknown> = {}
  const written = writtenIn(layers)
  let at = tree.at
  for (const [key, offer] of offers) {
    if (!written.has(key)) continue
    identities[offer.name] = entryOf(offer)
    at = placeAt(tree, ['auth', 'providers', offer.provider.name], 'key')
  }
  const layer = treeOf({ auth: { identities } }, at)
  return layer.type === 'map' ? layer : emptyMap(at.file)
}

/** Names of identities in lower case, those that a layer takes away among them. */
function writtenIn(layers: readonly MapTree[]): Set<string> {
  const sections = layers.map((layer) => partAt(layer, ['auth', 'identities']))
  return new Set(
    sections.flatMap((section) =>
      section?.type === 'map' ? [...section.entries.keys()].map((name) => name.toLowerCase()) : [],
    ),
  )
}

function entryOf({ accountId, role, provider }: Offered): Record<string, unknown> {
  const { kind = '', entry } = provider.kind.provisions ?? {}
  return { kind, via: { provider: provider.name }, tags: tagsOf(accountId), ...entry?.(accountId, role) }
}

function treeOf(value: unknown, at: Place): Tree {
  if (Array.isArray(value)) return { type: 'list', at, items: value.map((item) => treeOf(item, at)) }
  if (typeof value !== 'object' || value === null) return { type: 'scalar', at, value }
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, { key: at, value: treeOf(inner, at) }] as const,
  )
  return { type: 'map', at, entries: new Map(entries) }
}

/**
 * The identities of a configuration with those that are offered and that nothing is written about. What an alias
 * means is written, too.
 */
export async function withOffered(
  identities: ReadonlyMap<string, IdentityNode>,
  { offers }: Provisioned,
  layers: readonly MapTree[],
  catalog: Catalog,
): Promise<Map<string, IdentityNode>> {
  const all = new Map(identities)
  const taken = writtenIn(layers)
  for (const { name, alias } of identities.values())
    for (const word of [name, alias ?? name]) taken.add(word.toLowerCase())
  const kinds = new Map<string, AnyIdentity>()
  for (const [key, offer] of offers) {
    if (taken.has(key)) continue
    const kindName = offer.provider.kind.provisions?.kind ?? ''
    const kind = kinds.get(kindName) ?? ((await catalog[kindName]?.())?.default as AnyIdentity | undefined)
    if (!kind) continue
    kinds.set(kindName, kind)
    all.set(offer.name, nodeOf(offer, kindName, kind))
  }
  return all
}

/** As the schema of the kind would leave it. */
function nodeOf(
  { name, accountId, role, provider }: Offered,
  kindName: string,
  kind: AnyIdentity,
): IdentityNode {
  return {
    role: 'identity',
    name,
    kindName,
    kind,
    config: provider.kind.provisions?.entry(accountId, role),
    via: { provider: provider.name },
    alias: undefined,
    variables: {},
    region: undefined,
    endpoints: { each: {} },
    missing: [],
    given: {},
    default: false,
    tags: tagsOf(accountId),
    assigned: { accountId, role },
  }
}

function tagsOf(accountId: string): string[] {
  return ['provisioned', accountId]
}
