/** A configuration as a tree in which everything knows its place. Pure. */
import type { Missing } from '../graph/missing.ts'

/** Lines and columns count from 1. */
export interface Place {
  file: string
  line: number
  column: number
}

export type Path = readonly (string | number)[]

export interface Entry {
  key: Place
  value: Tree
}

export type Tree =
  | { type: 'map'; at: Place; entries: Map<string, Entry> }
  /** `append` says that the items go behind those of the layer below. */
  | { type: 'list'; at: Place; items: Tree[]; append?: true }
  | { type: 'scalar'; at: Place; value: unknown }
  /** A YAML function such as `!env NAME`, not worked out yet. */
  | { type: 'call'; at: Place; tag: string; argument: string }
  /** A call without a value; where it is broken, why is told elsewhere. */
  | { type: 'missing'; at: Place; missing: Missing }
  /** Takes away what the layers below have here. */
  | { type: 'unset'; at: Place }

export type MapTree = Extract<Tree, { type: 'map' }>

export function emptyMap(file: string): MapTree {
  return { type: 'map', at: { file, line: 1, column: 1 }, entries: new Map() }
}

/** Whether a path is another one or on the way to it. */
export function leadsTo(path: Path, other: Path): boolean {
  return path.every((segment, index) => other[index] === segment)
}

/** The part of a tree at a path; undefined where there is none. */
export function partAt(tree: Tree | undefined, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>((part, segment) => {
    if (part?.type === 'map') return part.entries.get(String(segment))?.value
    return part?.type === 'list' ? part.items[Number(segment)] : undefined
  }, tree)
}

/** The plain data of a tree. What has no value is there as undefined. */
export function dataOf(tree: Tree | undefined): unknown {
  if (tree?.type === 'map')
    return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, dataOf(value)]))
  if (tree?.type === 'list') return tree.items.map(dataOf)
  return tree?.type === 'scalar' ? tree.value : undefined
}

/** The place of the value at a path, or of its key, or of the nearest thing around it. */
export function placeAt(tree: Tree, path: Path, part: 'key' | 'value' = 'value'): Place {
  let place = tree.at
  let node: Tree | undefined = tree
  path.forEach((segment, depth) => {
    const entry: Entry | undefined = node?.type === 'map' ? node.entries.get(String(segment)) : undefined
    const item: Tree | undefined = node?.type === 'list' ? node.items[Number(segment)] : undefined
    node = entry?.value ?? item
    const wantsValue = depth === path.length - 1 && part === 'value'
    place = (wantsValue ? node?.at : (entry?.key ?? item?.at)) ?? place
  })
  return place
}

/** A value that is not there though something stands for it. */
export interface Absent {
  path: Path
  missing: Missing
}

/** Every absent value below `tree`, which stands at `path`. */
export function absentIn(tree: Tree | undefined, path: Path = []): Absent[] {
  if (tree?.type === 'missing') return [{ path, missing: tree.missing }]
  if (tree?.type === 'list') return tree.items.flatMap((item, index) => absentIn(item, [...path, index]))
  if (tree?.type !== 'map') return []
  return [...tree.entries].flatMap(([key, { value }]) => absentIn(value, [...path, key]))
}
