/** Profiles: folders of files that are put over the configuration when they are asked for by name. */
import { basename, dirname, join, resolve } from 'node:path'
import { closest } from '../../shared/closest.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Standing } from '../../shared/requests.ts'
import { kindAt, namesIn } from '../system/files.ts'
import type { Homes } from './discover.ts'
import { yamlBelow } from './imports.ts'
import { dataOf, partAt } from './tree.ts'
import type { YamlFile } from './yaml-file.ts'

/** Paths of the files of all chosen profiles, the weakest first. ProfileUnknown where one is not there. */
export async function profileFiles(
  standing: Standing,
  homes: Homes,
  layers: readonly YamlFile[],
  directories: readonly string[],
): Promise<string[]> {
  const names = chosenProfiles(standing, layers)
  const places = searchedPlaces(standing, homes, layers, directories)
  const files: string[] = []
  for (const name of names) {
    const place = await firstWith(name, places)
    if (place === undefined) throw await unknown(name, places, layers)
    files.push(...mainFirst(await yamlBelow(join(place, name))))
  }
  return files
}

/** `--profile` before ATMOS_PROFILE before `profiles.default`. */
function chosenProfiles({ profiles, settings }: Standing, layers: readonly YamlFile[]): string[] {
  if (profiles.length > 0) return profiles
  if (settings.ATMOS_PROFILE) return separated(settings.ATMOS_PROFILE)
  const chosen = lastSetting(layers, 'default')?.value
  return [chosen ?? []].flat().flatMap((name) => separated(String(name)))
}

function separated(names: string): string[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function lastSetting(
  layers: readonly YamlFile[],
  name: string,
): { value: unknown; file: string } | undefined {
  const file = layers.findLast(({ root }) => partAt(root, ['profiles', name]))
  return file && { value: dataOf(partAt(file.root, ['profiles', name])), file: file.path }
}

function searchedPlaces(
  { settings }: Standing,
  { home }: Homes,
  layers: readonly YamlFile[],
  directories: readonly string[],
): string[] {
  const base = lastSetting(layers, 'base_path')
  const nearest = [...directories].reverse()
  const config = settings.ATMOS_XDG_CONFIG_HOME ?? settings.XDG_CONFIG_HOME ?? join(home, '.config')
  return [
    ...(base ? [resolve(dirname(base.file), String(base.value))] : []),
    ...nearest.map((directory) => join(directory, '.atmos', 'profiles')),
    join(config, 'atmos', 'profiles'),
    ...nearest.map((directory) => join(directory, 'profiles')),
  ]
}

async function firstWith(name: string, places: readonly string[]): Promise<string | undefined> {
  for (const place of places) if ((await kindAt(join(place, name))) === 'directory') return place
  return undefined
}

function mainFirst(paths: readonly string[]): string[] {
  const isMain = (path: string) => /^atmos\.ya?ml$/.test(basename(path))
  return [...paths.filter(isMain), ...paths.filter((path) => !isMain(path))]
}

async function unknown(
  name: string,
  places: readonly string[],
  layers: readonly YamlFile[],
): Promise<AuthError> {
  const known: string[] = []
  for (const place of places)
    for (const entry of await namesIn(place))
      if ((await kindAt(join(place, entry))) === 'directory') known.push(entry)
  const candidates = [...new Set(known)].sort()
  const isIdentity = layers.some(({ root }) => partAt(root, ['auth', 'identities', name]))
  const close = closest(name, candidates)
  return new AuthError('ProfileUnknown', `There is no profile "${name}".`, {
    hint: isIdentity
      ? 'An identity has that name: choose it with -i or ATMOS_IDENTITY.'
      : close
        ? `Did you mean "${close}"?`
        : `Profiles: ${candidates.join(', ') || `none in ${places[0]} and the other places`}.`,
    details: { candidates },
  })
}
