/** A cluster in a kubeconfig: its three entries, each marked as ours. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { kubeconfigOf, withCurrent, withEntry, withoutCurrent, withoutEntry } from './document.ts'
import type { Entry, Kubeconfig, Section } from './tree.ts'

/** Names of the entries. */
export interface Names {
  context: string
  cluster: string
  user: string
}

export interface ClusterEntries extends Names {
  server: string
  /** PEM in base64. */
  authority: string
  /** How kubectl gets a token (kubernetes.io, "client-go credential plugins"). */
  exec: object
}

export interface Manner {
  /** Replaces what another tool entered by the same names. */
  force: boolean
  /** Makes the context the one that kubectl uses. */
  use: boolean
}

/** Extensions are kept by every tool that writes kubeconfigs, and looked at by none. */
const OURS = 'atmosd'
const MARK = { extensions: [{ name: OURS, extension: {} }] }

const bodies = { clusters: 'cluster', contexts: 'context', users: 'user' } as const

/** What is left of a file that had nothing else. */
const EMPTY = /apiVersion: v1\r?\nkind: Config\r?\n(?:(?:clusters|contexts|users): \[\]\r?\n){3}$/

/** The new text, or what stands in the way of it: a sentence's end. */
export function enterCluster(
  text: string,
  entries: ClusterEntries,
  { force, use }: Manner,
): { text: string } | { inTheWay: string } {
  const { context, cluster, user, server, authority, exec } = entries
  const place = { server, 'certificate-authority-data': authority }
  const wanted: [Section, Entry][] = [
    ['clusters', entry('clusters', cluster, place)],
    ['users', entry('users', user, { exec })],
    ['contexts', entry('contexts', context, { cluster, user })],
  ]
  const before = kubeconfigOf(text)
  let now = text
  for (const [section, entry] of wanted) {
    const present = find(before, section, entry.name)
    if (isDeepStrictEqual(present, entry)) continue
    if (section === 'clusters' && present && !isOurs(section, present) && isAt(present, place)) continue
    if (present && !isOurs(section, present) && !force)
      return { inTheWay: `has a ${bodies[section]} of that name that another tool entered: ${entry.name}` }
    now = withEntry(now, section, entry)
  }
  return { text: use && before['current-context'] !== context ? withCurrent(now, context) : now }
}

/** Takes out what was entered and is not used by another context. What is another tool's stays. */
export function takeOut(text: string, { context, cluster, user }: Names): string {
  let now = text
  const present = find(kubeconfigOf(now), 'contexts', context)
  if (present && isOurs('contexts', present) && bodyOf('contexts', present).user === user) {
    now = withoutEntry(now, 'contexts', context)
    if (kubeconfigOf(now)['current-context'] === context) now = withoutCurrent(now)
  }
  now = withoutUnused(withoutUnused(now, 'users', user), 'clusters', cluster)
  return now === text ? text : now.replace(EMPTY, '')
}

/** Whether the file has this user, and it is ours. */
export function hasUser(text: string, user: string): boolean {
  const present = find(kubeconfigOf(text), 'users', user)
  return present !== undefined && isOurs('users', present)
}

function withoutUnused(text: string, section: 'users' | 'clusters', name: string): string {
  const kubeconfig = kubeconfigOf(text)
  const present = find(kubeconfig, section, name)
  if (!present || !isOurs(section, present)) return text
  const contexts = kubeconfig.contexts ?? []
  const isUsed = contexts.some((context) => bodyOf('contexts', context)[bodies[section]] === name)
  return isUsed ? text : withoutEntry(text, section, name)
}

function entry(section: Section, name: string, body: object): Entry {
  return { name, [bodies[section]]: { ...body, ...MARK } }
}

function find(kubeconfig: Kubeconfig, section: Section, name: string): Entry | undefined {
  return (kubeconfig[section] ?? []).find((entry) => entry.name === name)
}

function bodyOf(section: Section, entry: Entry): Record<string, unknown> {
  return (entry[bodies[section]] ?? {}) as Record<string, unknown>
}

function isOurs(section: Section, entry: Entry): boolean {
  const { extensions } = bodyOf(section, entry)
  return Array.isArray(extensions) && extensions.some((one: { name?: string } | null) => one?.name === OURS)
}

/** Whether an entry means the same cluster. */
function isAt(present: Entry, place: Readonly<Record<string, string>>): boolean {
  const body = bodyOf('clusters', present)
  return Object.entries(place).every(([key, value]) => body[key] === value)
}
