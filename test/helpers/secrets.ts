/** The search for secrets where none may be: on disk, in logs, in what was said. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where something was found, and its bytes or text. */
export type Place = readonly [name: string, text: string]

/** Path and bytes of each file below a folder, however deep. */
export function filesIn(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path, 'latin1')])
}

/** The places that hold a secret, each with how many. */
export function leaks(places: readonly Place[], secrets: readonly string[]): [name: string, count: number][] {
  // What is short is found by chance, and nothing is found where nothing is looked for.
  if (secrets.length === 0 || secrets.some(({ length }) => length < 8))
    throw new Error('no secrets to look for')
  return places
    .map(([name, text]): [string, number] => [name, secrets.filter((secret) => holds(text, secret)).length])
    .filter(([, count]) => count > 0)
}

/** A file was read as bytes, so the secret is looked for as bytes as well. */
function holds(text: string, secret: string): boolean {
  return text.includes(secret) || text.includes(Buffer.from(secret, 'utf8').toString('latin1'))
}
