import { type FunctionContext, resolved } from './functions.ts'
import type { Gathered } from './gather.ts'
import { merged } from './merge.ts'
import { emptyMap, type MapTree } from './tree.ts'
import type { YamlFile } from './yaml-file.ts'

/** The `auth:` section of each layer that has one, worked out. */
export function resolvedLayers({ layers }: Gathered, context: FunctionContext): MapTree[] {
  return layers.flatMap(({ root }: YamlFile): MapTree[] => {
    if (root.type !== 'map') return []
    const entry = root.entries.get('auth')
    if (!entry) return [emptyMap(root.at.file)]
    const auth = { key: entry.key, value: resolved(entry.value, context) }
    return [{ type: 'map', at: root.at, entries: new Map([['auth', auth]]) }]
  })
}

/** All layers over each other, the weakest first. */
export function mergedLayers({ main }: Gathered, layers: readonly MapTree[]): MapTree {
  const empty = emptyMap(main)
  return layers.reduce<MapTree>((below, layer) => {
    if (layer.entries.size === 0) return below === empty ? layer : below
    return merged(below, layer) as MapTree
  }, empty)
}
