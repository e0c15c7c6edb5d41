/** One layer of the configuration over another. Pure. */
import type { MapTree, Path, Tree } from './tree.ts'

/** Maps under these are of names that people choose: `Dev` in one layer and `dev` in another are the same. */
const NAMED = new Set(['providers', 'identities', 'integrations'])

/**
 * `upper` over `lower`: maps are merged, anything else is replaced; `!append` puts a list behind the one below and
 * `!unset` takes away. A heading with nothing below it says nothing, so it leaves a map as it is. A provider or identity of another kind replaces the whole of the one below, whose fields
 * belong to its own kind, and so does a `via`, which names exactly one parent.
 */
export function merged(lower: Tree | undefined, upper: Tree, path: Path = []): Tree {
  if (lower?.type === 'list' && upper.type === 'list' && upper.append)
    return { ...upper, items: [...lower.items, ...upper.items] }
  if (lower?.type === 'map' && upper.type === 'scalar' && upper.value === null) return lower
  if (lower?.type !== 'map' || upper.type !== 'map' || replaces(lower, upper, path)) return cleared(upper)
  const entries = new Map(lower.entries)
  const spellings = isNamed(path) ? spellingsOf(lower) : undefined
  for (const [name, { key, value }] of upper.entries) {
    const known = spellings?.get(name.toLowerCase()) ?? name
    const below = entries.get(known)
    if (value.type === 'unset') entries.delete(known)
    else entries.set(known, { key, value: merged(below?.value, value, [...path, known]) })
  }
  return { ...upper, entries }
}

function replaces(lower: MapTree, upper: MapTree, path: Path): boolean {
  if (path.at(-1) === 'via') return true
  const [above, below] = [upper, lower].map(({ entries }) => entries.get('kind')?.value)
  const isEntry = isNamed(path.slice(0, -1))
  return isEntry && above?.type === 'scalar' && below?.type === 'scalar' && above.value !== below.value
}

function isNamed(path: Path): boolean {
  return path.length === 2 && path[0] === 'auth' && NAMED.has(String(path[1]))
}

/** The names of a map by what they are in lower case. */
function spellingsOf({ entries }: MapTree): Map<string, string> {
  return new Map([...entries.keys()].map((name) => [name.toLowerCase(), name]))
}

/** The tree without what it unsets: there is nothing below. */
function cleared(tree: Tree): Tree {
  if (tree.type !== 'map') return tree
  const kept = [...tree.entries].filter(([, { value }]) => value.type !== 'unset')
  return {
    ...tree,
    entries: new Map(kept.map(([name, { key, value }]) => [name, { key, value: cleared(value) }])),
  }
}
