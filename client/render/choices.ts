/** Identities as something to choose from. */
import type { ListedIdentity } from '../../shared/replies.ts'
import { cut, pad, width } from './width.ts'
import { wrap } from './wrap.ts'

/** So many candidates an error names; the rest it counts. */
const NAMED = 8
const WIDTH = 76
/** What a selector draws to the left of a choice. */
const MARGIN = 7

/** One choice an identity, with its kind and where it comes from beside the name; defaults first, then by name. */
export function choices(
  identities: readonly ListedIdentity[],
  columns: number,
): { value: string; label: string }[] {
  const sorted = identities.toSorted(
    (one, other) => Number(other.default) - Number(one.default) || (one.name < other.name ? -1 : 1),
  )
  const widest = (cell: (identity: ListedIdentity) => string) =>
    Math.max(0, ...sorted.map((identity) => width(cell(identity))))
  const names = Math.min(widest(nameOf), 32)
  const kinds = widest(({ kind }) => kind)
  return sorted.map((identity) => {
    const label = [pad(nameOf(identity), names), pad(identity.kind, kinds), originOf(identity)].join('  ')
    return { value: identity.name, label: cut(label.trimEnd(), columns - MARGIN) }
  })
}

/** Whether each word of a search is somewhere in what is known of an identity. */
export function matches(search: string, identities: readonly ListedIdentity[], name: string): boolean {
  const identity = identities.find((one) => one.name === name)
  if (!identity) return false
  const { kind, alias = '', tags = [], principal = '' } = identity
  const known = [name, kind, alias, principal, originOf(identity), ...tags].join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => known.includes(word))
}

/** A sentence that ends with the names, as many as are helpful; its lines fit below a message. */
export function named(begin: string, names: readonly string[]): string {
  const shown = names.toSorted().slice(0, NAMED)
  const rest = names.length > NAMED ? ` … and ${names.length - NAMED} more` : ''
  return wrap(`${begin}${shown.join(', ')}${rest}.`, WIDTH).join('\n  ')
}

function nameOf({ name, default: isDefault }: ListedIdentity): string {
  return isDefault ? `${name} (default)` : name
}

function originOf({ via }: ListedIdentity): string {
  if (!via) return ''
  return `via ${'provider' in via ? via.provider : via.identity}`
}
