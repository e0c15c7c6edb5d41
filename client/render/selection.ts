/** What of a workspace is to be listed: all of it, one section, named nodes, tagged ones. */
import { closest } from '../../shared/closest.ts'
import { AuthError } from '../../shared/errors.ts'
import type {
  ListedIdentity,
  ListedIntegration,
  ListedProvider,
  WorkspaceReply,
} from '../../shared/replies.ts'

export interface Wanted {
  /** The one section that is asked for. */
  section?: 'providers' | 'identities'
  /** Names in it; all where there are none. */
  names: readonly string[]
  /** Any of these; all nodes where there are none. */
  tags: readonly string[]
}

/** Sections to show; one that is absent was not asked for. */
export interface Selection {
  whole: WorkspaceReply
  providers?: readonly ListedProvider[]
  identities?: readonly ListedIdentity[]
  integrations?: readonly ListedIntegration[]
}

/**
 * The part of a workspace that is asked for. Names and tags are found in any case, identities by their alias too.
 * Fails with ProviderUnknown or IdentityUnknown where nothing has a name or a tag.
 */
export function select(whole: WorkspaceReply, { section, names, tags }: Wanted): Selection {
  const providers =
    section === 'identities' ? undefined : named(whole.providers, section && names, 'provider')
  const identities =
    section === 'providers' ? undefined : named(whole.identities, section && names, 'identity')
  const integrations = section === undefined ? (whole.integrations ?? []) : undefined
  const all = { providers, identities, integrations }
  if (tags.length > 0) return { whole, ...present(taggedOf(all, tags)) }
  return { whole, ...present(all) }
}

interface Sections {
  providers: readonly ListedProvider[] | undefined
  identities: readonly ListedIdentity[] | undefined
  integrations: readonly ListedIntegration[] | undefined
}

function present(sections: Sections): Omit<Selection, 'whole'> {
  return Object.fromEntries(Object.entries(sections).filter(([, nodes]) => nodes !== undefined))
}

function named<T extends { name: string; alias?: string }>(
  nodes: readonly T[],
  names: readonly string[] = [],
  role: 'provider' | 'identity',
): readonly T[] {
  if (names.length === 0) return nodes
  const found = new Set(names.map((name) => find(nodes, name, role)))
  return nodes.filter((node) => found.has(node))
}

function find<T extends { name: string; alias?: string }>(
  nodes: readonly T[],
  name: string,
  role: 'provider' | 'identity',
): T {
  const lower = name.toLowerCase()
  const node =
    nodes.find((candidate) => candidate.name === name) ??
    nodes.find((candidate) => candidate.name.toLowerCase() === lower) ??
    nodes.find(({ alias }) => alias?.toLowerCase() === lower)
  if (node) return node
  const close = closest(
    name,
    nodes.map((candidate) => candidate.name),
  )
  const code = role === 'provider' ? 'ProviderUnknown' : 'IdentityUnknown'
  const hint = close ? `Did you mean "${close}"?` : '`atmosctl list` shows what there is.'
  throw new AuthError(code, `There is no ${role} "${name}".`, { hint })
}

/** Integrations have no tags: they go with what they come from. */
function taggedOf({ providers, identities, integrations }: Sections, tags: readonly string[]): Sections {
  const wanted = new Set(tags.map((tag) => tag.toLowerCase()))
  const has = (node: { tags?: string[] }) => node.tags?.some((tag) => wanted.has(tag.toLowerCase())) ?? false
  const tagged = { providers: providers?.filter(has), identities: identities?.filter(has) }
  const shown = [tagged.providers ?? [], tagged.identities ?? []].flat()
  if (shown.length === 0) throw noTag(tags, [providers ?? [], identities ?? []].flat())
  const names = {
    provider: new Set(tagged.providers?.map(({ name }) => name)),
    identity: new Set(tagged.identities?.map(({ name }) => name)),
  }
  const goesWith = ({ via }: ListedIntegration) =>
    via !== undefined &&
    ('provider' in via ? names.provider.has(via.provider) : names.identity.has(via.identity))
  return { ...tagged, integrations: integrations?.filter(goesWith) }
}

function noTag(tags: readonly string[], nodes: readonly { tags?: string[] }[]): AuthError {
  const there = [...new Set(nodes.flatMap((node) => node.tags ?? []))].sort()
  const asked = tags.map((tag) => `"${tag}"`).join(' or ')
  const hint = there.length > 0 ? `Tags: ${there.join(', ')}.` : 'Nothing here has tags: set `tags: [NAME]`.'
  return new AuthError('IdentityUnknown', `Nothing has the tag ${asked}.`, { hint })
}
