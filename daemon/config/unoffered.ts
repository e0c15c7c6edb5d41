import type { Fault } from '../graph/node.ts'
import { inside } from './raw.ts'

/**
 * The section without what adds to identities that no portal offers, or not yet: such an entry has no kind of its own.
 * Only where a provider is to provide identities. Pure.
 */
export function withoutUnoffered(auth: unknown): { data: unknown; faults: Fault[] } {
  const providers = Object.values((inside(auth, 'providers') as object | null | undefined) ?? {})
  const identities = inside(auth, 'identities') as Record<string, unknown> | null | undefined
  const provides = providers.some((one) => inside(one, 'auto_provision_identities') === true)
  if (!provides || typeof identities !== 'object' || identities === null) return { data: auth, faults: [] }
  const isUnoffered = (entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry) && !('kind' in entry)
  const entries = Object.entries(identities)
  const kept = entries.filter(([, entry]) => !isUnoffered(entry))
  const left = entries.filter(([, entry]) => isUnoffered(entry))
  return {
    data: { ...(auth as object), identities: Object.fromEntries(kept) },
    faults: left.map(
      ([name]): Fault => ({
        severity: 'warning',
        key: true,
        path: ['auth', 'identities', name],
        message: `The identity "${name}" has no kind, and no portal provides it.`,
        hint: 'Sign in to its provider with `atmosctl login --provider NAME`, or give it a kind.',
      }),
    ),
  }
}
