/** atmos.yaml as data, with the place of everything in it and `!env` resolved from the client's values. */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'

export interface Place {
  line: number
  column: number
}

export type Path = readonly (string | number)[]

export interface Parsed {
  /** The value under `auth:`, undefined where there is none. */
  auth: unknown
  /** The place of the value at a path, or of its key, or of the nearest thing around it. */
  place(path: Path, part?: 'key' | 'value'): Place
  faults: { message: string; hint?: string; place: Place }[]
  /** Names of all variables that `!env` mentions under `auth:`. */
  names: string[]
  /** Paths of `!env` values that have no value and no default. */
  missing: { path: Path; name: string }[]
}

const envTag = { tag: '!env', resolve: (text: string) => text }

/** Parses without throwing: what is wrong is in `faults`. `environment` has no entry for names not asked for yet. */
export function parse(text: string, environment: Readonly<Record<string, string | null>>): Parsed {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    customTags: [envTag],
    prettyErrors: false,
  })
  const at = (offset: number): Place => toPlace(lines, offset)
  const syntax = document.errors.map(({ message, pos }) => ({
    message: `${sentence(message)}`,
    place: at(pos[0]),
  }))
  if (syntax.length > 0)
    return { auth: undefined, place: () => at(0), faults: syntax, names: [], missing: [] }
  const auth = document.get('auth', true) as Node | undefined
  const within = ([start]: [number, number]) =>
    start >= (auth?.range?.[0] ?? 0) && start <= (auth?.range?.[2] ?? 0)
  const tags = document.warnings
    .filter(({ pos }) => within(pos))
    .map(({ message, pos }) => ({ message: sentence(message), place: at(pos[0]) }))
  const { names, missing } = resolveEnvironment(document, environment)
  return {
    auth: (document.toJS() as { auth?: unknown } | null)?.auth,
    place: (path, part = 'value') => at(offsetOf(document, path, part)),
    faults: tags,
    names,
    missing,
  }
}

function resolveEnvironment(document: Document, environment: Readonly<Record<string, string | null>>) {
  const names = new Set<string>()
  const missing: Parsed['missing'] = []
  visit(document, {
    Scalar(_, scalar, ancestors) {
      if (scalar.tag !== '!env') return
      const path = pathOf(ancestors, scalar)
      if (path[0] !== 'auth') return
      const [, name = '', , fallback] = /^\s*(\S+)(\s+(.*))?$/s.exec(String(scalar.value)) ?? []
      names.add(name)
      const value = environment[name] ?? fallback
      if (value === undefined) missing.push({ path, name })
      scalar.value = value
      delete scalar.tag
    },
  })
  return { names: [...names], missing }
}

function pathOf(ancestors: readonly unknown[], self: Scalar): (string | number)[] {
  const chain = [...ancestors, self]
  return chain.flatMap((entry, index): (string | number)[] => {
    const parent = chain[index - 1]
    if (isPair(entry)) return isScalar(entry.key) ? [String(entry.key.value)] : []
    return isSeq(parent) ? [parent.items.indexOf(entry as never)] : []
  })
}

function isPair(entry: unknown): entry is Pair {
  return (
    typeof entry === 'object' && entry !== null && 'key' in entry && 'value' in entry && !('items' in entry)
  )
}

function offsetOf(document: Document, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0
  path.forEach((segment, depth) => {
    const found = child(node, segment)
    node = found?.value
    const last = depth === path.length - 1
    const range = (last && part === 'value' ? (found?.value ?? found?.key) : found?.key)?.range
    if (range) offset = range[0]
  })
  return offset
}

function child(node: unknown, segment: string | number): { key: Node; value: Node | null } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment))
    return pair ? { key: pair.key as Node, value: pair.value as Node | null } : undefined
  }
  const item = isSeq(node) ? (node.items[Number(segment)] as Node | undefined) : undefined
  return item ? { key: item, value: item } : undefined
}

function toPlace(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}
