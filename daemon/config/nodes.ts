/** Providers, identities and integrations of the envelope as nodes, each checked by the schema of its kind. */
import type * as z from 'zod'
import type { Fault, IdentityNode, IntegrationNode, ProviderNode } from '../graph/node.ts'
import type { Catalog } from '../kinds/catalog.ts'
import { whatIsMissing } from '../kinds/not-yet.ts'
import { faultsOf, keysAt } from './issues.ts'
import { type KindOf, kindNamed, type Role, sections } from './kind-named.ts'
import { identityCommon, integrationCommon, providerCommon } from './schema.ts'

type Raw = { kind: string } & Record<string, unknown>
type NodeOf = { provider: ProviderNode; identity: IdentityNode; integration: IntegrationNode }
type Common = Partial<z.infer<typeof providerCommon> & z.infer<typeof identityCommon>>
export type Missing = readonly { path: readonly (string | number)[]; name: string }[]
/** `unknown` has `ROLE/NAME` of what is there but of no known kind. */
type Checked<R extends Role> = { nodes: Map<string, NodeOf[R]>; unknown: string[]; faults: Fault[] }

const commons = { provider: providerCommon, identity: identityCommon, integration: integrationCommon }

/** Checks every entry of one layer. Faults whose cause is a variable without a value are left out: it may never be used. */
export async function checkLayer<R extends Role>(
  role: R,
  entries: Readonly<Record<string, Raw>>,
  catalog: Catalog,
  missing: Missing,
): Promise<Checked<R>> {
  const result: Checked<R> = { nodes: new Map(), unknown: [], faults: [] }
  for (const [name, raw] of Object.entries(entries)) {
    const path = ['auth', sections[role], name]
    const found = await kindNamed(raw.kind, role, catalog)
    if ('fault' in found) {
      const { fault, hint } = found
      result.unknown.push(`${role}/${name}`)
      result.faults.push({ path: [...path, 'kind'], message: `The ${role} "${name}" has ${fault}`, hint })
      continue
    }
    const { kind } = found
    const absent = missing.filter((entry) => path.every((segment, index) => entry.path[index] === segment))
    const { common, config, faults } = checkEntry(role, raw, kind, path)
    result.faults.push(
      ...faults.filter((fault) => !absent.some((entry) => covers(fault.path, entry.path))),
      ...withoutEffect(raw, kind, path),
    )
    const names = absent.map((entry) => entry.name)
    const base = { role, name, kind, kindName: raw.kind, config, missing: names }
    result.nodes.set(name, { ...base, ...nodeFields(raw, common) } as unknown as NodeOf[R])
  }
  return result
}

function nodeFields(raw: Raw, { via, alias, tags, default: isDefault }: Common) {
  return {
    via,
    alias,
    tags: tags ?? [],
    default: isDefault ?? false,
    startUrl: text(raw.start_url),
    region: regionOf(raw),
    endpoints: endpointsOf(raw),
  }
}

function checkEntry<R extends Role>(role: R, raw: Raw, kind: KindOf<R>, path: string[]) {
  const { shape } = commons[role]
  const own = keysAt(kind.config, [])
  const commonPart = pick(raw, (key) => key in shape && !own.includes(key))
  const common = commons[role].safeParse(commonPart)
  const config = kind.config.safeParse(pick(raw, (key) => own.includes(key) || !(key in shape)))
  const issues = [...(common.error?.issues ?? []), ...(config.error?.issues ?? [])]
  return {
    common: (common.data ?? {}) as Common,
    config: config.data,
    faults: faultsOf(issues, path, commons[role], kind.config),
  }
}

/** What is accepted because Atmos accepts it, or because it will come, and changes nothing here. */
function withoutEffect<R extends Role>(raw: Raw, kind: KindOf<R>, path: string[]): Fault[] {
  const warn = (at: string[], message: string, hint: string): Fault => ({
    severity: 'warning',
    path: [...path, ...at],
    message,
    hint,
  })
  const [, section, name] = path
  const absent = whatIsMissing(kind)
  const ignored = (at: string) => `${section}.${name}.${at} has no effect with ${raw.kind}.`
  const unheard =
    inside(raw, 'session', 'duration') !== undefined && !keysAt(kind.config, []).includes('session')
  return [
    ...(absent ? [warn(['kind'], `This version checks ${raw.kind} ${absent}.`, 'A later one will.')] : []),
    ...(unheard
      ? [warn(['session', 'duration'], ignored('session.duration'), kind.lifetime ?? 'The cloud decides.')]
      : []),
    ...(inside(raw, 'spec', 'files', 'base_path') === undefined
      ? []
      : [
          warn(['spec', 'files', 'base_path'], ignored('spec.files.base_path'), 'No such files are written.'),
        ]),
  ]
}

/** `principal.region` before `region` before `spec.region` before `credentials.region`, whichever the kind has. */
function regionOf(raw: Raw): string | undefined {
  const places = [['principal', 'region'], ['region'], ['spec', 'region'], ['credentials', 'region']]
  return places.map((place) => text(inside(raw, ...place))).find((found) => found !== undefined)
}

/** `spec.endpoint_url` with its older spellings, and `spec.endpoints`; the kind's schema has checked their shapes. */
function endpointsOf(raw: Raw): ProviderNode['endpoints'] {
  const all =
    inside(raw, 'spec', 'endpoint_url') ??
    inside(raw, 'spec', 'aws', 'resolver', 'url') ??
    inside(raw, 'credentials', 'aws', 'resolver', 'url')
  const each = inside(raw, 'spec', 'endpoints') as Record<string, string> | null | undefined
  return { all: text(all), each: each ?? {} }
}

function inside(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' ? (at as Record<string, unknown> | null)?.[key] : undefined),
    value,
  )
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
