/** Which files may run commands: those that a person has read and allowed, byte for byte. */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { durableFile, readIfPresent } from '../system/files.ts'

export interface Trust {
  trusts(path: string, text: string): boolean
  /** Resolves once it would survive a crash. */
  add(entries: readonly Trusted[]): Promise<void>
}

/** A file as it was read; the digest is of its bytes. */
export interface Trusted {
  path: string
  digest: string
}

const FILE = z.object({ version: z.literal(1), files: z.record(z.string(), z.string()) })

/** Opens the list at `path`. One that cannot be read trusts nothing: the worst that follows is being asked again. */
export async function openTrust(path: string): Promise<Trust> {
  const files = new Map(Object.entries(await known(path)))
  const file = durableFile(path, () => JSON.stringify({ version: 1, files: Object.fromEntries(files) }))
  return {
    trusts: (name, text) => files.get(name) === digestOf(text),
    async add(entries) {
      for (const { path: name, digest } of entries) files.set(name, digest)
      await file.save()
    },
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function known(path: string): Promise<Record<string, string>> {
  try {
    const bytes = await readIfPresent(path)
    return bytes ? FILE.parse(JSON.parse(bytes.toString('utf8'))).files : {}
  } catch {
    return {}
  }
}
