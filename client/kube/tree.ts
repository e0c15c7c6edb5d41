/** A kubeconfig as a tree that knows the place of every value. Pure. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { AuthError } from '../../shared/errors.ts'

export type Section = 'clusters' | 'contexts' | 'users'

/** What kubectl knows by a name (kubernetes/client-go, tools/clientcmd/api/v1). */
export interface Entry {
  name: string
  [key: string]: unknown
}

export type Kubeconfig = { [section in Section]?: Entry[] | null } & { 'current-context'?: string | null }

/** A map, of which the lists are lists. */
export type Root = YAMLMap.Parsed
/** One of its members. */
export type Member = Pair<YAMLMap.Parsed, YAMLSeq.Parsed | null>

const SECTIONS = ['clusters', 'contexts', 'users'] as const

/** The text as a tree and as a value; without a root for nothing. ConfigInvalid for what is no kubeconfig. */
export function read(text: string): { root: Root | undefined; value: Kubeconfig } {
  const document = parseDocument(text, { keepSourceTokens: true, merge: true, logLevel: 'error' })
  const [error] = document.errors
  const { contents } = document
  if (error) throw unreadable(error.message.split('\n')[0] ?? '')
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { root: undefined, value: {} }
  if (!isMap(contents)) throw unreadable('it is no map')
  for (const section of SECTIONS) listIn(contents, section)
  return { root: contents, value: kubeconfigIn(document) }
}

function kubeconfigIn(document: Document.Parsed): Kubeconfig {
  try {
    return document.toJS() as Kubeconfig
  } catch (error) {
    throw unreadable((error as Error).message) // an alias of nothing, or of too much
  }
}

function unreadable(why: string): AuthError {
  return new AuthError('ConfigInvalid', `The kubeconfig cannot be read: ${why.replace(/[.:]$/, '')}.`, {
    hint: 'Correct it; nothing was changed in it.',
  })
}

export function pairIn(root: Root, key: string): Member | undefined {
  const found = root.items.find((pair) => isScalar(pair.key) && pair.key.value === key)
  return found as unknown as Member | undefined
}

/** A list; undefined where there is none or it is null. */
export function listIn(root: Root, section: Section): YAMLSeq.Parsed | undefined {
  const value: unknown = pairIn(root, section)?.value
  if (value === undefined || value === null || (isScalar(value) && value.value === null)) return undefined
  if (!isSeq(value)) throw unreadable(`${section} is no list`)
  if (!value.items.every((item) => isMap(item) || isAlias(item)))
    throw unreadable(`${section} has an item that is no map`)
  return value as YAMLSeq.Parsed
}

/** All lists that have entries. */
export function listsIn(root: Root): YAMLSeq.Parsed[] {
  const lists = SECTIONS.map((section) => listIn(root, section))
  return lists.filter((list) => list !== undefined && list.items.length > 0) as YAMLSeq.Parsed[]
}
