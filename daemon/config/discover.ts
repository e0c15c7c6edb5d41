/** Which directories a client's configuration is in, from where the client stands. */
import { dirname, join } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import type { Standing } from '../../shared/requests.ts'
import { kindAt } from '../system/files.ts'

export const MAIN_NAMES = ['atmos.yaml', 'atmos.yml', '.atmos.yaml', '.atmos.yml']
/** Directories beside a main file whose files are layers below it. */
export const DROP_INS = ['atmos.d', '.atmos.d']

/** A directory with a configuration, and its main file where it has one. */
export interface Found {
  directory: string
  main: string | undefined
}

export interface Discovered {
  /** The weakest first. */
  found: Found[]
  /** The git checkout around the client. */
  repository: string | undefined
}

/** Where configurations of the machine and of the user are. */
export interface Homes {
  system: string
  home: string
}

/**
 * System, `~/.atmos`, git root, nearest parent, directory, ATMOS_CLI_CONFIG_PATH; `--config` and `--config-path` stand
 * alone. A directory with a configuration of its own is not put over its parents'. ConfigNotFound.
 */
export async function discover(standing: Standing, homes: Homes): Promise<Discovered> {
  const repository = await ancestor(
    standing.directory,
    async (place) => (await kindAt(join(place, '.git'))) && place,
  )
  const chosen = standing.config.length + standing.configPath.length > 0
  const found = chosen ? await chosenFiles(standing) : await usual(standing, homes, repository)
  if (found.length > 0) return { found, repository }
  throw new AuthError('ConfigNotFound', `There is no atmos.yaml in ${standing.directory} or above it.`, {
    hint: 'Change to your project, or write an atmos.yaml with an `auth:` section.',
  })
}

/** Whether a place is the machine's or the user's, so that no project's files belong to it. */
export function ofEveryProject({ directory }: Found, { system, home }: Homes): boolean {
  return directory === system || directory === join(home, '.atmos')
}

async function chosenFiles({ config, configPath }: Standing): Promise<Found[]> {
  const found: Found[] = []
  for (const path of config) {
    if ((await kindAt(path)) !== 'file') throw nothingAt(path, 'file')
    found.push({ directory: dirname(path), main: path })
  }
  for (const path of configPath) found.push((await lookIn(path)) ?? refuse(path))
  return found
}

async function usual(standing: Standing, homes: Homes, repository: string | undefined): Promise<Found[]> {
  const { directory, settings } = standing
  const { ATMOS_CLI_CONFIG_PATH: pointed, ATMOS_GIT_ROOT_BASEPATH: gitRoot } = settings
  const here = await lookIn(directory)
  const alone = here !== undefined || pointed !== undefined
  const parent = alone ? undefined : await ancestor(dirname(directory), lookIn)
  const usesRoot = !alone && gitRoot !== 'false' && repository !== undefined
  const places = [
    await lookIn(homes.system),
    await lookIn(join(homes.home, '.atmos')),
    usesRoot ? await lookIn(repository) : undefined,
    parent,
    here,
    pointed === undefined ? undefined : ((await lookAt(pointed)) ?? refuse(pointed)),
  ].filter((place) => place !== undefined)
  return places.filter((place, index) => places.findLastIndex((other) => same(place, other)) === index)
}

function same(one: Found, other: Found): boolean {
  return one.directory === other.directory && one.main === other.main
}

/** The configuration in a directory: a main file, or drop-ins alone. */
async function lookIn(directory: string): Promise<Found | undefined> {
  for (const name of MAIN_NAMES) {
    const main = join(directory, name)
    if (await kindAt(main)) return { directory, main }
  }
  for (const name of DROP_INS) {
    if ((await kindAt(join(directory, name))) === 'directory') return { directory, main: undefined }
  }
  return undefined
}

async function lookAt(path: string): Promise<Found | undefined> {
  return (await kindAt(path)) === 'file' ? { directory: dirname(path), main: path } : lookIn(path)
}

async function ancestor<T>(
  start: string,
  look: (directory: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let place = start; ; place = dirname(place)) {
    const found = await look(place)
    if (found !== undefined) return found
    if (place === dirname(place)) return undefined
  }
}

function refuse(path: string): never {
  throw nothingAt(path, 'atmos.yaml')
}

function nothingAt(path: string, what: string): AuthError {
  return new AuthError('ConfigNotFound', `There is no ${what} at ${path}.`, {
    hint: 'See --config, --config-path and ATMOS_CLI_CONFIG_PATH.',
  })
}
