import { relative } from 'node:path'

/** A file's path as seen from a directory, where that is shorter. */
export function placeOf(file: string, from: string | undefined): string {
  if (from === undefined) return file
  const seen = relative(from, file)
  return seen !== '' && seen.length < file.length ? seen : file
}
