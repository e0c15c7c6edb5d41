import { closest } from '../../shared/closest.ts'
import { type Role, sections } from '../graph/node.ts'
import type { Catalog } from '../kinds/catalog.ts'
import type { AnyKind } from '../kinds/contract.ts'
import { foreignKind } from '../kinds/foreign.ts'

export type KindOf<R extends Role> = Extract<AnyKind, { role: R }>

/** The kind of that name in a layer; else what is wrong with the name, to complete "The provider has …", and a hint. */
export async function kindNamed<R extends Role>(
  name: string,
  role: R,
  catalog: Catalog,
): Promise<{ kind: KindOf<R> } | { fault: string; hint: string }> {
  const foreign = foreignKind(role, name)
  if (foreign) return { kind: foreign as KindOf<R> }
  const load = Object.hasOwn(catalog, name) ? catalog[name] : undefined
  if (!load) return { fault: `the unknown kind "${name}".`, hint: await suggestion(name, role, catalog) }
  const kind = (await load()).default
  if (kind.role === role) return { kind: kind as KindOf<R> }
  const section = sections[kind.role]
  return { fault: `the kind "${name}", which is one of ${section}.`, hint: `Put it under \`${section}:\`.` }
}

/** The name that was meant, or the kinds of the same cloud, or the clouds. */
async function suggestion(name: string, role: Role, catalog: Catalog): Promise<string> {
  const loaded = await Promise.all(
    Object.entries(catalog).map(async ([kind, load]) => ({ kind, role: (await load()).default.role })),
  )
  const names = loaded.filter((known) => known.role === role).map(({ kind }) => kind)
  const close = closest(name, names)
  if (close) return `Did you mean "${close}"?`
  const cloud = (kind: string) => kind.slice(0, kind.indexOf('/') + 1)
  const near = names.filter((kind) => cloud(kind) === cloud(name))
  if (near.length > 0) return `There are ${near.join(', ')}.`
  return `Kinds of ${sections[role]} begin with ${[...new Set(names.map(cloud))].join(', ')}.`
}
