/** Names are found in any case: references are turned to how the name is written where it is defined. Pure. */
import type { Envelope } from './schema.ts'

/** The envelope with every `via` spelled as what it refers to; `more` are names of identities that are not in it. */
export function spelled(auth: Envelope, more: Iterable<string> = []): Envelope {
  const names = {
    provider: spellings(Object.keys(auth.providers)),
    identity: spellings([...more, ...Object.keys(auth.identities)]),
  }
  const via = (raw: { kind: string }): { kind: string } => {
    const { via } = raw as { via?: unknown }
    if (typeof via !== 'object' || via === null) return raw
    const entries = Object.entries(via).map(([role, name]) => [role, spelling(names, role, name)])
    return { ...raw, via: Object.fromEntries(entries) } as { kind: string }
  }
  const all = (entries: Envelope['identities']) =>
    Object.fromEntries(Object.entries(entries).map(([name, raw]) => [name, via(raw)]))
  return { ...auth, identities: all(auth.identities), integrations: all(auth.integrations) }
}

type Spellings = ReadonlyMap<string, string>

function spelling(names: Record<'provider' | 'identity', Spellings>, role: string, name: unknown): unknown {
  if ((role !== 'provider' && role !== 'identity') || typeof name !== 'string') return name
  return names[role].get(name) ?? names[role].get(name.toLowerCase()) ?? name
}

/** Names by themselves and by what they are in lower case. */
function spellings(names: readonly string[]): Spellings {
  return new Map([
    ...names.map((name) => [name.toLowerCase(), name] as const),
    ...names.map((name) => [name, name] as const),
  ])
}
