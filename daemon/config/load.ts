/** One configuration, loaded: a Workspace with every problem that it has, each with its place. Never throws for one. */
import { createHash } from 'node:crypto'
import type { Problem } from '../../shared/replies.ts'
import type { Fault, Graph } from '../graph/node.ts'
import { graphFaults } from '../graph/problems.ts'
import type { Catalog } from '../kinds/catalog.ts'
import { variablesOf } from '../kinds/contract.ts'
import type { FunctionContext } from './functions.ts'
import type { Gathered } from './gather.ts'
import { faultsOf } from './issues.ts'
import { decides, keyringFaults, keyringOf } from './keyring.ts'
import { mergedLayers, resolvedLayers } from './layers.ts'
import { spelled } from './names.ts'
import { checkLayer } from './nodes.ts'
import { type KeptLists, layerBelow, type Provisioned, provisionedBy, withOffered } from './provisioned.ts'
import { problemsOf } from './report.ts'
import { type Envelope, envelope } from './schema.ts'
import { absentIn, dataOf, leadsTo, type MapTree, partAt, placeAt } from './tree.ts'
import { withoutUnoffered } from './unoffered.ts'
import type { PlacedFault } from './yaml-file.ts'

/** One loaded configuration: what a client's directory stands for. */
export interface Workspace {
  /** The file that stands for it, and all that were read, the weakest first. */
  file: string
  files: string[]
  graph: Graph
  /** Whether each identity has a browser profile of its own for the web console. */
  isolatedConsole: boolean
  problems: Problem[]
  /** What the client has to be asked for: variables, and commands as `$(command)`. */
  names: string[]
}

export interface LoadOptions extends Pick<FunctionContext, 'environment' | 'directory' | 'mayRun'> {
  catalog: Catalog
  /** The client's `ATMOS_…` settings. */
  settings: Readonly<Record<string, string>>
  home: string
  /** The vault of a file keyring that names no path. */
  vault: string
  /** The kept lists of the portals' assignments; without them there are no provisioned identities. */
  lists?: KeptLists | undefined
}

/** Loads what was gathered. A graph whose workspace has problems that are errors must not be used to mint. */
export async function load(gathered: Gathered, options: LoadOptions): Promise<Workspace> {
  const placed: PlacedFault[] = [...gathered.faults]
  const names = new Set<string>()
  const layers = resolvedLayers(gathered, { ...options, ...gathered, faults: placed, names })
  const plain = await drafted(gathered, layers, options)
  const provisioned = await provisionedBy(plain.graph, options.lists)
  const draft = provisioned.wanted ? await drafted(gathered, layers, options, plain.tree, provisioned) : plain
  const { tree, absent, graph, auth } = draft
  for (const { kind, config } of [...graph.providers.values(), ...graph.identities.values()])
    for (const name of variablesOf(kind, config)) names.add(name)
  const none = draft.section === undefined && placed.length === 0 ? [noSection] : []
  const faults = [...none, ...draft.faults, ...graphFaults(graph)]
  return {
    file: gathered.main,
    files: gathered.layers.map(({ path }) => path),
    graph,
    isolatedConsole: auth.console?.isolated ?? false,
    problems: problemsOf(tree, gathered, {
      faults,
      placed,
      absent,
      decisive: (path) => decides(path, auth, options.settings),
    }),
    names: [...names],
  }
}

/** The merged configuration and its graph, with what is provisioned below, and the faults of its parts. */
async function drafted(
  gathered: Gathered,
  layers: readonly MapTree[],
  options: LoadOptions,
  written?: MapTree,
  provisioned?: Provisioned,
) {
  const below = written && provisioned ? [layerBelow(provisioned, written, layers)] : []
  const tree = mergedLayers(gathered, [...below, ...layers])
  const section = partAt(tree, ['auth'])
  const absent = absentIn(section, ['auth'])
  const { data, faults } = withoutUnoffered(dataOf(section))
  const checked = envelope.safeParse(data ?? {})
  faults.push(
    ...faultsOf(checked.error?.issues ?? [], ['auth'], envelope).filter(
      ({ path }) => !absent.some((entry) => leadsTo(path, entry.path)),
    ),
  )
  const { catalog, environment } = options
  const offered = [...(provisioned?.offers.values() ?? [])].map(({ name }) => name)
  const auth = spelled(checked.data ?? salvage(data), offered)
  const providers = await checkLayer('provider', auth.providers, catalog, absent, environment)
  const identities = await checkLayer('identity', auth.identities, catalog, absent, environment)
  const integrations = await checkLayer('integration', auth.integrations, catalog, absent, environment)
  const declaredIn = placeAt(tree, ['auth', 'keyring', 'spec', 'path']).file
  const graph: Graph = {
    realm: options.settings.ATMOS_AUTH_REALM ?? auth.realm ?? realmOf(gathered.main),
    keyring: keyringOf(auth, { ...options, declaredIn }),
    providers: providers.nodes,
    identities: provisioned
      ? await withOffered(identities.nodes, provisioned, layers, catalog)
      : identities.nodes,
    integrations: integrations.nodes,
    unknown: new Set([...providers.unknown, ...identities.unknown]),
    ...(provisioned ? { isProvisioned: true } : {}),
    ...(provisioned?.withheld ? { withheld: provisioned.withheld } : {}),
  }
  faults.push(...keyringFaults(auth, options.settings))
  for (const layer of [providers, identities, integrations]) faults.push(...layer.faults)
  return { tree, section, absent, auth, graph, faults }
}

const noSection: Fault = {
  path: [],
  message: 'There is no `auth:` section.',
  hint: 'Add one with a provider and an identity.',
}

/** As much of a faulty envelope as lets the rest be checked too, so that all problems come at once. */
function salvage(auth: unknown): Envelope {
  const part = (key: string) => {
    const entries = Object.entries((auth as Record<string, object> | null)?.[key] ?? {})
    return Object.fromEntries(
      entries.filter(([, value]) => typeof (value as { kind?: unknown } | null)?.kind === 'string'),
    )
  }
  const { realm, keyring } = (auth ?? {}) as Record<string, unknown>
  return {
    // They decide where sessions and lists rest.
    realm: envelope.shape.realm.safeParse(realm).data,
    keyring: envelope.shape.keyring.safeParse(keyring).data,
    providers: part('providers'),
    identities: part('identities'),
    integrations: part('integrations'),
  }
}

/** Projects are kept apart by the place of their configuration, unless they name a realm. */
function realmOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}
