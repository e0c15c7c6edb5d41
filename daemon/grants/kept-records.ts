/** Records in a file of their own, such as grants: in memory for the fast path, kept across restarts. */
import * as z from 'zod'
import { AuthError } from '../../shared/errors.ts'
import { durableFile, readIfPresent } from '../system/files.ts'

export interface KeptRecords<T> {
  get(key: string): T | undefined
  list(): T[]
  /** Adds a record or replaces it, and resolves once that would survive a crash. */
  put(record: T): Promise<void>
  /** The same for records that were changed where they are. */
  save(): Promise<void>
  /** Removes at once, and resolves with what was removed once that would survive a crash. */
  remove(which: (record: T) => boolean): Promise<T[]>
}

export interface RecordsFile<T> {
  path: string
  /** What the records are called, in the file and to people. */
  name: string
  record: z.ZodType<T>
  keyOf(record: T): string
  /** What to do about a file that cannot be read. */
  hint: string
}

/** Opens the file. StoreDamaged where it is no such file. */
export async function keptRecords<T>({
  path,
  name,
  record,
  keyOf,
  hint,
}: RecordsFile<T>): Promise<KeptRecords<T>> {
  const records = new Map((await read()).map((one) => [keyOf(one), one]))
  const file = durableFile(path, () => JSON.stringify({ version: 1, [name]: [...records.values()] }))

  async function read(): Promise<T[]> {
    const bytes = await readIfPresent(path)
    if (!bytes) return []
    const shape = z.object({ version: z.literal(1), [name]: z.array(record) })
    try {
      return shape.parse(JSON.parse(bytes.toString('utf8')))[name] as T[]
    } catch (cause) {
      throw new AuthError('StoreDamaged', `The file of ${name} ${path} cannot be read.`, { hint, cause })
    }
  }

  return {
    get: (key) => records.get(key),
    list: () => [...records.values()],
    save: () => file.save(),
    async put(one) {
      records.set(keyOf(one), one)
      await file.save()
    },
    async remove(which) {
      const removed = [...records.values()].filter(which)
      for (const one of removed) records.delete(keyOf(one))
      await file.save(removed.length > 0)
      return removed
    },
  }
}
