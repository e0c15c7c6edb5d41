import type { Keyring } from '../../shared/keyring.ts'

/** Which keyrings the session of each key rests in: a portal's is shared by configurations that may differ in theirs. */
export interface RestingPlaces {
  has(key: string, keyring: Keyring): boolean
  add(key: string, keyring: Keyring): void
  of(key: string): Keyring[]
  /** All but `keyring`. */
  others(key: string, keyring: Keyring): Keyring[]
  forget(key: string): void
}

export function restingPlaces(): RestingPlaces {
  const places = new Map<string, Map<string, Keyring>>()
  return {
    has: (key, keyring) => places.get(key)?.has(nameOf(keyring)) ?? false,
    add(key, keyring) {
      const known = places.get(key) ?? new Map<string, Keyring>()
      places.set(key, known.set(nameOf(keyring), keyring))
    },
    of: (key) => [...(places.get(key)?.values() ?? [])],
    others: (key, keyring) =>
      [...(places.get(key) ?? [])].filter(([name]) => name !== nameOf(keyring)).map(([, other]) => other),
    forget: (key) => void places.delete(key),
  }
}

function nameOf(keyring: Keyring): string {
  return keyring.type === 'file' ? keyring.vault : keyring.type
}
