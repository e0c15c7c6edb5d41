/** Providers, identities and integrations of the envelope as nodes, each checked by the schema of its kind. */
import type * as z from 'zod'
import { Secret } from '../../shared/secret.ts'
import {
  type Fault,
  type IdentityNode,
  type IntegrationNode,
  type ProviderNode,
  type Role,
  sections,
} from '../graph/node.ts'
import type { Catalog } from '../kinds/catalog.ts'
import { variablesOf } from '../kinds/contract.ts'
import { faultsOf, keysAt } from './issues.ts'
import { type KindOf, kindNamed } from './kind-named.ts'
import { endpointsOf, type Raw, regionOf, text } from './raw.ts'
import { commons } from './schema.ts'
import { type Absent, leadsTo } from './tree.ts'
import { withoutEffect } from './without-effect.ts'

type NodeOf = { provider: ProviderNode; identity: IdentityNode; integration: IntegrationNode }
type Common = Partial<z.infer<(typeof commons)['identity']> & z.infer<(typeof commons)['provider']>>
/** The client's values of variables, by name. */
type Environment = Readonly<Record<string, string | null>>
/** `unknown` has `ROLE/NAME` of what is there but of no known kind. */
type Checked<R extends Role> = { nodes: Map<string, NodeOf[R]>; unknown: string[]; faults: Fault[] }

/** Checks every entry of one layer. Faults whose cause is a variable without a value are left out: it may never be used. */
export async function checkLayer<R extends Role>(
  role: R,
  entries: Readonly<Record<string, Raw>>,
  catalog: Catalog,
  missing: readonly Absent[],
  environment: Environment,
): Promise<Checked<R>> {
  const result: Checked<R> = { nodes: new Map(), unknown: [], faults: [] }
  for (const [name, raw] of Object.entries(entries)) {
    const path = ['auth', sections[role], name]
    const found = await kindNamed(raw.kind, role, catalog)
    if ('fault' in found) {
      const { fault, hint } = found
      result.unknown.push(`${role}/${name}`)
      result.faults.push({ path: [...path, 'kind'], message: `The ${role} "${name}" has ${fault}`, hint })
    } else {
      const absent = missing.filter((entry) => leadsTo(path, entry.path))
      const { node, faults } = nodeOf(role, raw, found.kind, path)
      const via = absent.some((entry) => entry.path[3] === 'via') ? { faulty: true } : node.via
      result.nodes.set(name, {
        ...node,
        name,
        via,
        missing: absent.map((entry) => entry.missing),
        given: given(variablesOf(found.kind, node.config), environment),
      } as unknown as NodeOf[R])
      result.faults.push(
        ...faults.filter((fault) => !absent.some((entry) => leadsTo(fault.path, entry.path))),
      )
    }
  }
  return result
}

/** An empty variable is one that is not set. */
function given(names: readonly string[], environment: Environment): Record<string, Secret> {
  const values = names.flatMap((name) => {
    const value = environment[name]
    return value ? [[name, new Secret(value)] as const] : []
  })
  return Object.fromEntries(values)
}

function nodeOf<R extends Role>(role: R, raw: Raw, kind: KindOf<R>, path: string[]) {
  const { common, config, faults } = checkEntry(role, raw, kind, path)
  const { via, alias, tags = [], default: isDefault = false } = common
  const variables = Object.fromEntries((common.env ?? []).map(({ key, value }) => [key, value]))
  const consoleSeconds = common.console?.session_duration
  const places = {
    startUrl: text(raw.start_url),
    consoleSeconds,
    region: regionOf(raw),
    endpoints: endpointsOf(raw),
  }
  return {
    node: {
      role,
      kind,
      kindName: raw.kind,
      config,
      via,
      alias,
      tags,
      variables,
      default: isDefault,
      ...places,
    },
    faults: [...faults, ...withoutEffect(raw, kind, path)],
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
    common: soundPart(commonPart, shape),
    config: config.data,
    faults: faultsOf(issues, path, commons[role], kind.config),
  }
}

/** The common fields that are as they should be, so that a fault in one brings no others. */
function soundPart(given: Record<string, unknown>, shape: Readonly<Record<string, z.ZodType>>): Common {
  const sound = Object.entries(given).flatMap(([key, value]) => {
    const checked = shape[key]?.safeParse(value)
    if (checked?.success) return [[key, checked.data]]
    return key === 'via' ? [[key, { faulty: true }]] : []
  })
  return Object.fromEntries(sound) as Common
}

function pick(raw: Raw, wanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => wanted(key)))
}
