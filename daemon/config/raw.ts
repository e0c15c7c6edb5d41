/** An entry of a layer as it is written, and what every layer reads of it alike. */
import type { ProviderNode } from '../graph/node.ts'

export type Raw = { kind: string } & Record<string, unknown>

/** `principal.region` before `region` before `spec.region` before `credentials.region`, whichever the kind has. */
export function regionOf(raw: Raw): string | undefined {
  const places = [['principal', 'region'], ['region'], ['spec', 'region'], ['credentials', 'region']]
  return places.map((place) => text(inside(raw, ...place))).find((found) => found !== undefined)
}

/** `spec.endpoint_url` with its older spellings, and `spec.endpoints`; the kind's schema has checked their shapes. */
export function endpointsOf(raw: Raw): ProviderNode['endpoints'] {
  const all =
    inside(raw, 'spec', 'endpoint_url') ??
    inside(raw, 'spec', 'aws', 'resolver', 'url') ??
    inside(raw, 'credentials', 'aws', 'resolver', 'url')
  const each = inside(raw, 'spec', 'endpoints') as Record<string, string> | null | undefined
  return { all: text(all), each: each ?? {} }
}

/** What stands at a path, whatever the shape of what is around it. */
export function inside(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' ? (at as Record<string, unknown> | null)?.[key] : undefined),
    value,
  )
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
