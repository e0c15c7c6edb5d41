/** One configuration, loaded: a Workspace with every problem that it has, each with its place. Never throws for one. */
import { createHash } from 'node:crypto'
import { dirname, isAbsolute, join } from 'node:path'
import type { Keyring } from '../../shared/keyring.ts'
import type { Problem } from '../../shared/replies.ts'
import type { Fault, Graph } from '../graph/node.ts'
import { graphFaults } from '../graph/problems.ts'
import type { Catalog } from '../kinds/catalog.ts'
import type { ConfigFile } from './discover.ts'
import { faultsOf, type IssueFault } from './issues.ts'
import { checkLayer } from './nodes.ts'
import { type Parsed, parse } from './parse.ts'
import { type Envelope, envelope } from './schema.ts'

/** One loaded configuration: what a client's directory stands for. */
export interface Workspace {
  file: string
  graph: Graph
  problems: Problem[]
  /** Variables that the configuration names, whether or not they have values. */
  names: string[]
}

export interface LoadOptions {
  catalog: Catalog
  /** Values of `!env` variables; null where the client has none. */
  environment: Readonly<Record<string, string | null>>
  /** The client's `ATMOS_…` settings. */
  settings: Readonly<Record<string, string>>
  /** The vault of a file keyring that names no path. */
  vault: string
}

/** Loads one file. Problems are sorted by line; a graph that has them must not be used to mint. */
export async function load(file: ConfigFile, options: LoadOptions): Promise<Workspace> {
  const parsed = parse(file.text, options.environment)
  const checked = envelope.safeParse(parsed.auth ?? {})
  const faults = checked.success ? [] : faultsOf(checked.error.issues, ['auth'], envelope)
  if (parsed.auth === undefined && parsed.faults.length === 0) faults.push(noSection)
  const auth = checked.data ?? salvage(parsed.auth)
  const providers = await checkLayer('provider', auth.providers, options.catalog, parsed.missing)
  const identities = await checkLayer('identity', auth.identities, options.catalog, parsed.missing)
  const integrations = await checkLayer('integration', auth.integrations, options.catalog, parsed.missing)
  const graph: Graph = {
    realm: options.settings.ATMOS_AUTH_REALM ?? auth.realm ?? realmOf(file.path),
    keyring: keyringOf(auth, file.path, options),
    providers: providers.nodes,
    identities: identities.nodes,
    integrations: integrations.nodes,
    unknown: new Set([...providers.unknown, ...identities.unknown]),
  }
  const all = [
    ...faults,
    ...keyringFaults(auth, options),
    ...providers.faults,
    ...identities.faults,
    ...integrations.faults,
    ...graphFaults(graph),
  ]
  return { file: file.path, graph, problems: problemsOf(file.path, parsed, all), names: parsed.names }
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

function problemsOf(file: string, parsed: Parsed, faults: IssueFault[]): Problem[] {
  const found: Problem[] = [
    ...parsed.faults.map(({ place, ...fault }) => ({ severity: 'error' as const, ...fault, file, ...place })),
    ...faults.map(({ path, message, hint, key, severity = 'error' as const }) => ({
      severity,
      message,
      ...(hint === undefined ? {} : { hint }),
      file,
      ...parsed.place(path, key ? 'key' : 'value'),
    })),
    ...parsed.missing.map(({ path, name }) => ({
      severity: 'warning' as const,
      message: `The variable ${name} is not set, so ${path.slice(1, 3).join('.')} cannot be used here.`,
      hint: 'Set it in the shell that runs atmosctl, or give `!env NAME` a default.',
      file,
      ...parsed.place(path),
    })),
  ]
  return found.sort((a, b) => a.line - b.line || a.column - b.column)
}

/** Projects are kept apart by the place of their configuration, unless they name a realm. */
function realmOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}

function typeOf(auth: Envelope, { settings }: LoadOptions): string {
  return settings.ATMOS_KEYRING_TYPE ?? auth.keyring?.type ?? 'memory'
}

/** A configured store is never replaced by another behind the user's back. */
function keyringFaults(auth: Envelope, options: LoadOptions): Fault[] {
  const type = typeOf(auth, options)
  if (type === 'memory' || type === 'file') return []
  const hint = 'Use `file`, an encrypted file, or `memory`.'
  return [
    { path: ['auth', 'keyring', 'type'], message: `The keyring type "${type}" is not supported here.`, hint },
  ]
}

function keyringOf(auth: Envelope, file: string, options: LoadOptions): Keyring {
  if (typeOf(auth, options) !== 'file') return { type: 'memory' }
  const path = auth.keyring?.spec?.path
  if (path === undefined) return { type: 'file', vault: options.vault }
  return { type: 'file', vault: isAbsolute(path) ? path : join(dirname(file), path) }
}
