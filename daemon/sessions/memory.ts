import type { Store } from './store.ts'

/** Rests in this process alone and is gone with it. */
export function memoryStore(): Store {
  const values = new Map<string, string>()
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
    list: async () => [...values.keys()],
  }
}
