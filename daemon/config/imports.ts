/** The files that a file stands upon: its drop-ins and its imports, each with its own. */
import { dirname, join, resolve } from 'node:path'
import { filesBelow, kindAt, matching } from '../system/files.ts'
import { DROP_INS, type Found } from './discover.ts'
import { isRemote } from './remote.ts'
import { partAt, type Tree } from './tree.ts'
import type { PlacedFault, YamlFile } from './yaml-file.ts'

export interface Collecting {
  /** The parsed file; ConfigInvalid where it cannot be read. */
  read(path: string): Promise<YamlFile>
  /** What has been collected, the weakest first, each file once. */
  files: Map<string, YamlFile>
  faults: PlacedFault[]
}

/** Collects a place's drop-ins, those of the checkout that it belongs to first, then its main file's imports, then the main file. */
export async function collectPlace(
  { directory, main }: Found,
  repository: string | undefined,
  collecting: Collecting,
): Promise<void> {
  const places = new Set([repository ?? directory, directory])
  for (const place of places)
    for (const name of DROP_INS)
      for (const path of await yamlBelow(join(place, name))) await collect(path, collecting)
  if (main !== undefined) await collect(main, collecting)
}

/** Collects a file after its imports. */
export async function collect(
  path: string,
  collecting: Collecting,
  trail: readonly string[] = [],
): Promise<void> {
  if (collecting.files.has(path) || trail.includes(path)) return
  const file = await collecting.read(path)
  for (const item of importsOf(file)) {
    for (const target of await targetsOf(item, path, collecting.faults))
      await collect(target, collecting, [...trail, path])
  }
  collecting.files.set(path, file)
}

export async function yamlBelow(directory: string): Promise<string[]> {
  return (await filesBelow(directory)).filter(isYaml)
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path)
}

function importsOf({ root }: YamlFile): Tree[] {
  const value = partAt(root, ['import'])
  if (value?.type === 'list') return value.items
  return value === undefined || (value.type === 'scalar' && value.value === null) ? [] : [value]
}

async function targetsOf(item: Tree, from: string, faults: PlacedFault[]): Promise<string[]> {
  const fault = (message: string, hint: string) => {
    faults.push({ message, hint, place: item.at })
    return []
  }
  if (item.type !== 'scalar' || typeof item.value !== 'string')
    return fault('An import must be the path of a file.', 'Paths are taken from beside this file.')
  if (isRemote(item.value))
    return fault(
      `The import ${item.value} is remote, which is not supported.`,
      'Import a file of this machine.',
    )
  const target = resolve(dirname(from), item.value)
  const found = await localTargets(target)
  return found.length > 0
    ? found
    : fault(`The import ${item.value} matches no file.`, `It was looked for at ${target}.`)
}

async function localTargets(target: string): Promise<string[]> {
  const kind = await kindAt(target)
  if (kind === 'directory') return yamlBelow(target)
  if (kind === 'file') return [target]
  for (const suffix of ['.yaml', '.yml'])
    if ((await kindAt(`${target}${suffix}`)) === 'file') return [`${target}${suffix}`]
  const matches = /[*?[{]/.test(target) ? await matching(target) : []
  const kinds = await Promise.all(matches.map(kindAt))
  return matches.filter((path, index) => kinds[index] === 'file' && isYaml(path))
}
