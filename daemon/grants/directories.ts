/** A directory of its own for each grant whose tools keep files: made with the grant, and gone with it. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface Directories {
  /** Makes the directory of a grant, for this user alone. Resolves to its path. */
  make(id: string): Promise<string>
  /** Removes it with all that a tool left there. */
  remove(id: string): Promise<void>
  /** Removes those of grants that are no more. */
  keepOnly(isLive: (id: string) => boolean): Promise<void>
}

/** `root` is lost at reboot where the system has such a place: what tools leave there, they leave in plain text. */
export function grantDirectories(root: string): Directories {
  const at = (id: string) => join(root, id)
  const remove = (id: string) => rm(at(id), { recursive: true, force: true })
  return {
    async make(id) {
      await mkdir(at(id), { recursive: true, mode: 0o700 })
      return at(id)
    },
    remove,
    async keepOnly(isLive) {
      const ids = await readdir(root).catch(() => [])
      for (const id of ids) if (!isLive(id)) await remove(id)
    },
  }
}
