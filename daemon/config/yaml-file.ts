/** The text of one YAML file as a tree. Functions such as `!env` stay calls; nothing is read and nothing is run. */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { targetsIn } from './aliases.ts'
import { type Entry, emptyMap, type MapTree, type Place, type Tree } from './tree.ts'

/** Something wrong at a known place. */
export interface PlacedFault {
  message: string
  hint?: string
  place: Place
}

export interface YamlFile {
  path: string
  text: string
  root: Tree
  faults: PlacedFault[]
}

/** Anchors can make a small file large; nobody's configuration is as large as this. */
const MOST_NODES = 400_000
const DEEPEST = 100
const GIVEN_UP = -1_000_000
export const MERGE_KEY = '<<'

/** Parses without throwing: what is wrong is in `faults`, and then the tree is empty. */
export function parseYaml(path: string, text: string): YamlFile {
  const lines = new LineCounter()
  // The parser's own look for keys that stand twice compares each with each; mapOf() finds them as it goes.
  const settings = { lineCounter: lines, prettyErrors: false, logLevel: 'silent', uniqueKeys: false } as const
  const document = parseDocument(text, settings)
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file: path, line, column: col }
  }
  const faults = document.errors.map(({ message, pos }) => ({
    message: sentence(message),
    place: at(pos[0]),
  }))
  if (faults.length > 0) return { path, text, root: emptyMap(path), faults }
  const reading: Reading = { text, targets: targetsIn(document), at, left: MOST_NODES, faults }
  const root = treeOf(document.contents as Node | null, reading, 0)
  return { path, text, root: reading.left < 0 ? emptyMap(path) : root, faults }
}

interface Reading {
  text: string
  targets: ReadonlyMap<Alias, Node>
  at(offset: number): Place
  /** Nodes that may still come. */
  left: number
  faults: PlacedFault[]
}

function treeOf(node: Node | null, reading: Reading, depth: number): Tree {
  const at = reading.at(startOf(node, reading))
  reading.left -= 1
  if (depth > DEEPEST || reading.left < 0) return tooMuch(at, reading)
  if (isAlias(node)) return treeOf(reading.targets.get(node) ?? null, reading, depth + 1)
  const tag = node?.tag?.startsWith('!') ? node.tag : undefined
  if (tag === '!unset') return { type: 'unset', at }
  if (isSeq(node)) return listOf(node, tag, at, reading, depth)
  if (tag !== undefined) return { type: 'call', at, tag, argument: argumentOf(node) }
  if (isMap(node)) return mapOf(node, at, reading, depth)
  return { type: 'scalar', at, value: isScalar(node) ? node.value : null }
}

/** Gives up on the whole file, and says so once. */
function tooMuch(at: Place, reading: Reading): Tree {
  const message = 'The configuration is nested too deeply or too large.'
  if (reading.left > GIVEN_UP) reading.faults.push({ message, place: at })
  reading.left = GIVEN_UP
  return { type: 'scalar', at, value: null }
}

/** Where a node begins, with its tag. */
function startOf(node: Node | null, { text }: Reading): number {
  const start = node?.range?.[0] ?? 0
  return node?.tag?.startsWith('!') ? Math.max(0, text.lastIndexOf(node.tag, start)) : start
}

function listOf(node: YAMLSeq, tag: string | undefined, at: Place, reading: Reading, depth: number): Tree {
  if (tag !== undefined && tag !== '!append') return { type: 'call', at, tag, argument: '' }
  const items = node.items.map((item) => treeOf(item as Node, reading, depth + 1))
  return { type: 'list', at, items, ...(tag ? { append: true } : {}) }
}

function mapOf(node: YAMLMap, at: Place, reading: Reading, depth: number): MapTree {
  const entries = new Map<string, Entry>()
  const own = new Set<string>()
  for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
    const name = isScalar(key) ? String(key.value) : String(key)
    if (own.has(name)) reading.faults.push(standsTwice(name, reading.at(key.range?.[0] ?? 0)))
    own.add(name)
    const tree = treeOf(value, reading, depth + 1)
    if (name === MERGE_KEY) mergeBelow(entries, tree, reading.at(key.range?.[0] ?? 0))
    else entries.set(name, { key: reading.at(key.range?.[0] ?? 0), value: tree })
  }
  return { type: 'map', at, entries }
}

function standsTwice(name: string, place: Place): PlacedFault {
  return {
    message: `The key "${name}" stands twice in the same place.`,
    hint: 'Remove one of the two.',
    place,
  }
}

/** A merge key (yaml.org/type/merge.html): what the map has itself counts more, and the first of several more. */
function mergeBelow(entries: Map<string, Entry>, tree: Tree, key: Place): void {
  for (const source of tree.type === 'list' ? tree.items : [tree]) {
    if (source.type !== 'map') entries.set(MERGE_KEY, { key, value: notMerged(source.at) })
    else for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry)
  }
}

/** A call that fails, so that it is told where it is used alone: most sections of a file are none of ours. */
function notMerged(at: Place): Tree {
  return { type: 'call', at, tag: MERGE_KEY, argument: '' }
}

function argumentOf(node: Node | null): string {
  return isScalar(node) ? String(node.value ?? '') : ''
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}
