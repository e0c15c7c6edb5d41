/** The options that say which part of a workspace is meant. */
import { AuthError } from '../shared/errors.ts'
import type { Here } from './here.ts'
import { commaSeparated, type Given } from './option.ts'
import type { Wanted } from './render/selection.ts'

export const selectingOptions = {
  providers: section('providers', 'provider'),
  identities: section('identities', 'identity'),
  tags: { type: 'string', multiple: true, value: 'A,B', values: 'tag', help: 'what has any of these tags' },
} as const

function section(name: string, values: 'provider' | 'identity') {
  return {
    type: 'string',
    multiple: true,
    bare: '',
    value: '[=A,B]',
    values,
    help: `${name} alone; all of them, or these`,
  } as const
}

/** What the options ask for. Usage where they contradict each other. */
export function wantedOf(here: Here, given: Given): Wanted {
  const names = (option: string) => commaSeparated(given.list(option))
  const asked = (['providers', 'identities'] as const).filter((option) => given.list(option).length > 0)
  const [only, other] = asked
  if (other !== undefined) {
    throw new AuthError('Usage', '--providers and --identities exclude each other.', {
      hint: 'Without either, both are listed.',
    })
  }
  if (given.words.length > 0) {
    const hint = `Names stand behind a "=": --${only ?? 'identities'}=${given.words.join(',')}`
    throw new AuthError('Usage', `list does not take "${given.words.join(' ')}".`, { hint })
  }
  // The variable is Atmos's own for this option.
  const tags =
    given.list('tags').length > 0 ? names('tags') : commaSeparated([here.env.ATMOS_AUTH_TAGS ?? ''])
  return only === undefined ? { names: [], tags } : { section: only, names: names(only), tags }
}
