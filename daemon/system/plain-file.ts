/** Reading a file that somebody else named: never a device or a pipe, and never without end. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * The bytes of a plain file, links followed; undefined where there is none. Throws where something else is there or
 * where it has more than `most` bytes.
 */
export async function readPlainFile(path: string, most: number): Promise<Buffer | undefined> {
  // Without waiting: opening a pipe would otherwise hold a thread until somebody writes to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(absent)
  if (file === undefined) return undefined
  try {
    if (!(await file.stat()).isFile()) throw new Error('it is no plain file')
    const chunks: Buffer[] = []
    let size = 0
    // What it says of its size may be untrue by now, and files of the kernel say 0.
    for await (const chunk of file.createReadStream({ end: most, autoClose: false })) {
      chunks.push(chunk as Buffer)
      size += chunk.length
    }
    if (size > most) throw new Error(`it is larger than ${most / 1_048_576} MB`)
    return Buffer.concat(chunks)
  } finally {
    await file.close()
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  // A socket cannot be opened at all.
  throw error.code === 'ENXIO' ? new Error('it is no plain file') : error
}
