/** Providers and identities of the envelope as nodes, each checked by the schema of its kind. */
import type * as z from 'zod'
import { closest } from '../../shared/closest.ts'
import type { Fault, IdentityNode, ProviderNode } from '../graph/node.ts'
import type { Catalog } from '../kinds/catalog.ts'
import type { AnyKind } from '../kinds/contract.ts'
import { faultsOf, keysAt } from './issues.ts'
import { identityCommon, providerCommon } from './schema.ts'

type Raw = { kind: string } & Record<string, unknown>
export type Missing = readonly { path: readonly (string | number)[]; name: string }[]
type Checked = { nodes: Map<string, ProviderNode | IdentityNode>; unknown: string[]; faults: Fault[] }

const layers = {
  provider: { section: 'providers', common: providerCommon },
  identity: { section: 'identities', common: identityCommon },
} as const

/** Checks every entry of one layer. Faults whose cause is a variable without a value are left out: it may never be used. */
export async function checkLayer(
  role: 'provider' | 'identity',
  entries: Readonly<Record<string, Raw>>,
  catalog: Catalog,
  missing: Missing,
): Promise<Checked> {
  const result: Checked = { nodes: new Map(), unknown: [], faults: [] }
  for (const [name, raw] of Object.entries(entries)) {
    const path = ['auth', layers[role].section, name]
    const kind = await kindNamed(raw.kind, role, catalog)
    if (typeof kind === 'string') {
      result.unknown.push(`${role}/${name}`)
      result.faults.push({
        path: [...path, 'kind'],
        message: `The ${role} "${name}" has ${kind}`,
        ...hintFor(raw.kind, catalog),
      })
      continue
    }
    const absent = missing.filter((entry) => path.every((segment, index) => entry.path[index] === segment))
    const checked = checkEntry(role, raw, kind, path)
    result.faults.push(
      ...checked.faults.filter((fault) => !absent.some((entry) => covers(fault.path, entry.path))),
    )
    const common = {
      name,
      kindName: raw.kind,
      config: checked.config,
      missing: absent.map((entry) => entry.name),
    }
    const where = { region: regionOf(raw), endpoints: endpointsOf(raw) }
    result.nodes.set(name, node(raw, kind, { ...common, ...where }, checked.common))
  }
  return result
}

type NodeCommon = Pick<ProviderNode, 'name' | 'kindName' | 'config' | 'region' | 'endpoints' | 'missing'>

function node(raw: Raw, kind: AnyKind, base: NodeCommon, common: Partial<z.infer<typeof identityCommon>>) {
  if (kind.role === 'provider')
    return { role: 'provider', kind, startUrl: text(raw.start_url), ...base } as const
  const { via, alias } = common
  const variables = Object.fromEntries((common.env ?? []).map(({ key, value }) => [key, value]))
  return { role: 'identity', kind, via, alias, variables, default: common.default ?? false, ...base } as const
}

function checkEntry(role: 'provider' | 'identity', raw: Raw, kind: AnyKind, path: string[]) {
  const shape = layers[role].common.shape
  const own = keysAt(kind.config, [])
  const commonPart = pick(raw, (key) => key in shape && !own.includes(key))
  const common = layers[role].common.safeParse(commonPart)
  const config = kind.config.safeParse(pick(raw, (key) => own.includes(key) || !(key in shape)))
  const issues = [...(common.error?.issues ?? []), ...(config.error?.issues ?? [])]
  return {
    common: (common.data ?? {}) as Partial<z.infer<typeof identityCommon>>,
    config: config.data,
    faults: faultsOf(issues, path, layers[role].common, kind.config),
  }
}

async function kindNamed(
  name: string,
  role: 'provider' | 'identity',
  catalog: Catalog,
): Promise<AnyKind | string> {
  const load = Object.hasOwn(catalog, name) ? catalog[name] : undefined
  if (!load) return `the unknown kind "${name}".`
  const kind = (await load()).default
  return kind.role === role
    ? kind
    : `the kind "${name}", which is one of ${kind.role === 'provider' ? 'providers' : 'identities'}.`
}

function hintFor(name: string, catalog: Catalog): { hint: string } {
  const close = Object.hasOwn(catalog, name) ? undefined : closest(name, Object.keys(catalog))
  return { hint: close ? `Did you mean "${close}"?` : `Kinds: ${Object.keys(catalog).join(', ')}.` }
}

/** `principal.region` before `region` before `credentials.region`, whichever the kind has. */
function regionOf({ principal, region, credentials }: Raw): string | undefined {
  const within = (value: unknown) => text((value as { region?: unknown } | null | undefined)?.region)
  return within(principal) ?? text(region) ?? within(credentials)
}

/** `spec.endpoint_url` and `spec.endpoints`, whose shapes the kind's schema has checked. */
function endpointsOf({ spec }: Raw): ProviderNode['endpoints'] {
  const { endpoint_url, endpoints } = (spec ?? {}) as {
    endpoint_url?: unknown
    endpoints?: Record<string, string>
  }
  return { all: text(endpoint_url), each: endpoints ?? {} }
}

function covers(fault: Fault['path'], absent: Fault['path']): boolean {
  return fault.every((segment, index) => absent[index] === segment)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function pick(raw: Raw, wanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => wanted(key)))
}
