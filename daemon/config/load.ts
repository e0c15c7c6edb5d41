/** One configuration, loaded: a Workspace with every problem that it has, each with its place. Never throws for one. */
import { createHash } from 'node:crypto'
import type { Problem } from '../../shared/replies.ts'
import type { Fault, Graph } from '../graph/node.ts'
import { graphFaults } from '../graph/problems.ts'
import type { Catalog } from '../kinds/catalog.ts'
import { type FunctionContext, resolved } from './functions.ts'
import type { Gathered } from './gather.ts'
import { faultsOf } from './issues.ts'
import { keyringFaults, keyringOf } from './keyring.ts'
import { merged } from './merge.ts'
import { spelled } from './names.ts'
import { checkLayer } from './nodes.ts'
import { problemsOf } from './report.ts'
import { type Envelope, envelope } from './schema.ts'
import { absentIn, dataOf, emptyMap, leadsTo, type MapTree, partAt, placeAt } from './tree.ts'
import type { PlacedFault, YamlFile } from './yaml-file.ts'

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
}

/** Loads what was gathered. A graph whose workspace has problems that are errors must not be used to mint. */
export async function load(gathered: Gathered, options: LoadOptions): Promise<Workspace> {
  const placed: PlacedFault[] = [...gathered.faults]
  const names = new Set<string>()
  const tree = mergedLayers(gathered, { ...options, ...gathered, faults: placed, names })
  const section = partAt(tree, ['auth'])
  const absent = absentIn(section, ['auth'])
  const data = dataOf(section)
  const checked = envelope.safeParse(data ?? {})
  const faults: Fault[] = faultsOf(checked.error?.issues ?? [], ['auth'], envelope).filter(
    ({ path }) => !absent.some((entry) => leadsTo(path, entry.path)),
  )
  if (section === undefined && placed.length === 0) faults.push(noSection)
  const { catalog, environment } = options
  const auth = spelled(checked.data ?? salvage(data))
  const providers = await checkLayer('provider', auth.providers, catalog, absent, environment)
  const identities = await checkLayer('identity', auth.identities, catalog, absent, environment)
  const integrations = await checkLayer('integration', auth.integrations, catalog, absent, environment)
  const declaredIn = placeAt(tree, ['auth', 'keyring', 'spec', 'path']).file
  const graph: Graph = {
    realm: options.settings.ATMOS_AUTH_REALM ?? auth.realm ?? realmOf(gathered.main),
    keyring: keyringOf(auth, { ...options, declaredIn }),
    providers: providers.nodes,
    identities: identities.nodes,
    integrations: integrations.nodes,
    unknown: new Set([...providers.unknown, ...identities.unknown]),
  }
  for (const { kind } of [...providers.nodes.values(), ...identities.nodes.values()])
    for (const name of kind.variables ?? []) names.add(name)
  const layers = [providers, identities, integrations].flatMap(({ faults }) => faults)
  faults.push(...keyringFaults(auth, options.settings), ...layers, ...graphFaults(graph))
  const problems = problemsOf(tree, gathered, { faults, placed, absent })
  return {
    file: gathered.main,
    files: gathered.layers.map(({ path }) => path),
    graph,
    isolatedConsole: auth.console?.isolated ?? false,
    problems,
    names: [...names],
  }
}

/** The `auth:` sections of all layers, worked out and put over each other. */
function mergedLayers(gathered: Gathered, context: FunctionContext): MapTree {
  const empty = emptyMap(gathered.main)
  return gathered.layers.reduce<MapTree>((below, { root }: YamlFile) => {
    const entry = root.type === 'map' ? root.entries.get('auth') : undefined
    if (!entry) return root.type === 'map' && below === empty ? emptyMap(root.at.file) : below
    const auth = { key: entry.key, value: resolved(entry.value, context) }
    const layer: MapTree = { type: 'map', at: root.at, entries: new Map([['auth', auth]]) }
    return merged(below, layer) as MapTree
  }, empty)
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
  return { providers: part('providers'), identities: part('identities'), integrations: part('integrations') }
}

/** Projects are kept apart by the place of their configuration, unless they name a realm. */
function realmOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}
