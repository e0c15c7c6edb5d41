/** A directory of its own for each grant whose tools keep files: made with the grant, and gone with it or before. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { privateDirectory } from '../system/files.ts'

export interface Directories {
  /** Makes the directory of a grant, for this user alone. Resolves to its path. UnsafePath. */
  make(id: string): Promise<string>
  /** Removes it with all that a tool left there. */
  remove(id: string): Promise<void>
  /** Removes those of grants that are no more. */
  keepOnly(isLive: (id: string) => boolean): Promise<void>
}

/** `roots` in the order in which they are tried: what tools leave there, they leave in plain text. */
export function grantDirectories(roots: readonly string[], uid: number): Directories {
  async function remove(id: string): Promise<void> {
    for (const root of roots) await rm(join(root, id), { recursive: true, force: true })
  }

  async function makeIn([root = '', ...others]: readonly string[], id: string): Promise<string> {
    try {
      await privateDirectory(root, uid)
      const path = join(root, id)
      await mkdir(path, { recursive: true, mode: 0o700 })
      return path
    } catch (error) {
      if (others.length === 0) throw error
      return makeIn(others, id)
    }
  }

  return {
    make: (id) => makeIn(roots, id),
    remove,
    async keepOnly(isLive) {
      for (const root of roots) {
        const ids = await readdir(root).catch(() => [])
        for (const id of ids) if (!isLive(id)) await remove(id)
      }
    },
  }
}
