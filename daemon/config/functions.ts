/** The YAML functions of atmos.yaml worked out: `!env`, `!exec`, `!include`, `!repo-root`, `!cwd`. Pure: files are given. */
import { dirname, join, resolve } from 'node:path'
import { closest } from '../../shared/closest.ts'
import type { Missing } from '../graph/missing.ts'
import { isRemote } from './remote.ts'
import { type Entry, type Place, partAt, type Tree } from './tree.ts'
import { MERGE_KEY, type PlacedFault, type YamlFile } from './yaml-file.ts'

export interface FunctionContext {
  /** Values that the client gave, by name; null where it has none. See shared/requests.ts. */
  environment: Readonly<Record<string, string | null>>
  /** Where the client stands. */
  directory: string
  /** The git checkout around it, if any. */
  repository: string | undefined
  /** Whether commands of a file are allowed. */
  mayRun(file: string): boolean
  /** Included files by absolute path. */
  included: ReadonlyMap<string, YamlFile | string>
  /** Why others could not be read. */
  unread: ReadonlyMap<string, string>
  /** Files whose inclusion is being worked out, so that none includes itself. */
  including?: readonly string[]
  /** Collects what went wrong, and every name that the client has to be asked for. */
  faults: PlacedFault[]
  names: Set<string>
}

/** Only these give a value; `!append` and `!unset` say how layers are merged and are no calls any more. */
const functions = {
  '!env': env,
  '!exec': exec,
  '!include': include,
  '!include.raw': includeRaw,
  '!repo-root': repoRoot,
  '!git.root': repoRoot,
  '!cwd': cwd,
} as const satisfies Record<string, (call: Call, context: FunctionContext) => Tree>

type Call = Extract<Tree, { type: 'call' }>

/** The tree with every call replaced by its value. */
export function resolved(tree: Tree, context: FunctionContext): Tree {
  if (tree.type === 'list') return { ...tree, items: tree.items.map((item) => resolved(item, context)) }
  if (tree.type === 'call') return called(tree, context)
  if (tree.type !== 'map') return tree
  const entries = [...tree.entries].map(([name, { key, value }]): [string, Entry] => [
    name,
    { key, value: resolved(value, context) },
  ])
  return { ...tree, entries: new Map(entries) }
}

function called(call: Call, context: FunctionContext): Tree {
  if (Object.hasOwn(functions, call.tag)) return functions[call.tag as keyof typeof functions](call, context)
  if (call.tag === MERGE_KEY)
    return fault(call, context, `The merge key ${MERGE_KEY} takes maps of the same file`)
  const close = closest(call.tag, [...Object.keys(functions), '!append', '!unset'])
  return fault(call, context, `There is no YAML function ${call.tag} here`, close && `Did you mean ${close}?`)
}

/** `!env NAME [default]`, the default with or without quotes. */
function env({ at, argument }: Call, { environment, names }: FunctionContext): Tree {
  const [, name = '', , fallback] = /^\s*(\S+)(\s+(.*))?$/s.exec(argument) ?? []
  names.add(name)
  const value = environment[name] ?? (fallback === undefined ? undefined : unquoted(fallback))
  return value === undefined ? missing(at, 'variable', name) : { type: 'scalar', at, value }
}

/** `!exec command`: the client runs it where it stands, if the file that says so is trusted. */
function exec({ at, argument }: Call, { environment, names, mayRun }: FunctionContext): Tree {
  const command = argument.trim()
  if (!mayRun(at.file)) return missing(at, 'untrusted', command)
  // How a command is asked of a client, among the names of variables.
  const name = `$(${command})`
  names.add(name)
  const value = environment[name]
  return value == null ? missing(at, 'command', command) : { type: 'scalar', at, value }
}

/** `!include FILE [.path.in.it]`. */
function include(call: Call, context: FunctionContext): Tree {
  const { path, query } = includeTarget(call)
  const file = context.included.get(path)
  if (file === undefined) return notIncluded(call, context, path)
  if (typeof file === 'string') return { type: 'scalar', at: call.at, value: file }
  const { including = [] } = context
  if (including.includes(path)) return fault(call, context, `${path} includes itself`)
  const part = partAt(file.root, query)
  if (part) return resolved(part, { ...context, including: [...including, path] })
  return fault(call, context, `${path} has nothing at ${query.join('.')}`)
}

function includeRaw(call: Call, context: FunctionContext): Tree {
  const { path } = includeTarget(call)
  const file = context.included.get(path)
  if (file === undefined) return notIncluded(call, context, path)
  return { type: 'scalar', at: call.at, value: typeof file === 'string' ? file : file.text }
}

function notIncluded(call: Call, context: FunctionContext, path: string): Tree {
  return isRemote(call.argument.trim())
    ? fault(call, context, `The include ${call.argument.trim()} is remote, which is not supported`)
    : fault(call, context, `${path} cannot be included: ${context.unread.get(path) ?? 'it cannot be read'}`)
}

/** The file that a call includes, from beside the file that it stands in, and the path within it. */
export function includeTarget({ at, argument }: { at: Place; argument: string }): {
  path: string
  query: string[]
} {
  const [file = '', query = ''] = argument.trim().split(/\s+(.*)/s)
  const segments = query.match(/"[^"]*"|[^."]+/g) ?? []
  return { path: resolve(dirname(at.file), unquoted(file)), query: segments.map(unquoted) }
}

/** `!repo-root [default]`: the git checkout around the client. */
function repoRoot(call: Call, context: FunctionContext): Tree {
  const value = context.repository ?? (call.argument.trim() ? unquoted(call.argument.trim()) : undefined)
  if (value !== undefined) return { type: 'scalar', at: call.at, value }
  return fault(call, context, `${call.tag} has no value, as ${context.directory} is in no git checkout`)
}

/** `!cwd [path]`: where the client stands, or something below. */
function cwd({ at, argument }: Call, { directory }: FunctionContext): Tree {
  return { type: 'scalar', at, value: argument.trim() ? join(directory, argument.trim()) : directory }
}

function fault(call: Call, { faults }: FunctionContext, message: string, hint?: string): Tree {
  faults.push({ message: `${message}.`, ...(hint ? { hint } : {}), place: call.at })
  return missing(call.at, 'broken', call.tag)
}

function missing(at: Place, type: Missing['type'], name: string): Tree {
  return { type: 'missing', at, missing: { type, name } }
}

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text
}
