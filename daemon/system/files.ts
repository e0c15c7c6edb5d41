import { constants } from 'node:fs'
import { glob, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import { whyNotPrivate } from '../../shared/private-directory.ts'
import { coalesced } from './coalesced.ts'

/**
 * Makes sure that `path` is a directory of this user with mode 0700 and no link, making it where it is missing.
 * Whoever can write there could put a socket of their own in our place.
 */
export async function privateDirectory(path: string, uid: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const wrong = whyNotPrivate(await lstat(path), uid)
  if (wrong === undefined) return
  throw new AuthError('UnsafePath', `${path} ${wrong}.`, {
    hint: `It must be a directory of yours alone: \`chmod 700 ${path}\`, or remove it.`,
  })
}

/** The bytes of a file, or undefined where there is none. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Replaces a file so that after a crash at any moment it holds the old bytes or the new ones, whole:
 * a temporary file beside it, flushed, renamed over it, and the directory flushed. StoreUnavailable.
 */
export async function replaceFile(path: string, bytes: string | Uint8Array): Promise<void> {
  try {
    await replace(path, bytes)
  } catch (cause) {
    throw new AuthError('StoreUnavailable', `${path} cannot be written: ${(cause as Error).message}.`, {
      hint: 'Make room on the disk, or make its directory writable.',
      cause,
    })
  }
}

async function replace(path: string, bytes: string | Uint8Array): Promise<void> {
  const temporary = `${path}.new`
  await rm(temporary, { force: true })
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  await using file = await open(temporary, flags, 0o600)
  await file.writeFile(bytes)
  await file.sync()
  await rename(temporary, path)
  await using directory = await open(dirname(path), constants.O_RDONLY)
  await directory.sync()
}

export interface DurableFile {
  /**
   * Resolves once bytes rendered after the call rest on disk. Told that nothing `changed`, it writes only what a save
   * before it failed to: whoever tries again is not told that all is well while the disk has the old bytes.
   */
  save(changed?: boolean): Promise<void>
}

/** A file that many writers share. */
export function durableFile(path: string, render: () => string): DurableFile {
  let dirty = false
  const write = coalesced(async () => {
    if (!dirty) return
    dirty = false
    await replaceFile(path, render()).catch((error) => {
      dirty = true
      throw error
    })
  })
  return {
    save(changed = true) {
      dirty ||= changed
      return write()
    },
  }
}

/** What is at a path, links followed; undefined where there is nothing that can be looked at. */
export async function kindAt(path: string): Promise<'file' | 'directory' | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ? 'directory' : found?.isFile() ? 'file' : undefined
}

/** The names in a directory, sorted; none where there is no directory. */
export async function namesIn(path: string): Promise<string[]> {
  return (await readdir(path).catch(() => [])).sort()
}

/** Paths of all files below a directory, sorted by name, with those of a directory before those further below. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => [])
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
  const depth = (path: string) => path.split(sep).length
  return paths.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
}

/** Paths that match a pattern of `*`, `**` and `?`, sorted. */
export async function matching(pattern: string): Promise<string[]> {
  const found: string[] = []
  for await (const path of glob(pattern)) found.push(path)
  return found.sort()
}
