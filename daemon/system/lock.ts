import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * Holds `path` for as long as this process lives, or returns undefined where another process holds it.
 * Node has no flock; an exclusive SQLite transaction is a lock of the kernel's that a killed process cannot leave behind.
 */
export function acquireLock(path: string): { release(): void } | undefined {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    chmodSync(path, 0o600)
    database.exec('BEGIN EXCLUSIVE')
  } catch {
    database.close()
    return undefined
  }
  return { release: () => database.close() }
}
