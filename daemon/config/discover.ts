import { dirname, join } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import { readIfPresent } from '../system/files.ts'

const NAMES = ['atmos.yaml', 'atmos.yml', '.atmos.yaml', '.atmos.yml']

export interface ConfigFile {
  path: string
  text: string
}

/** The nearest atmos.yaml from `directory` upwards. ConfigNotFound when there is none. */
export async function discover(directory: string): Promise<ConfigFile> {
  for (let place = directory; ; place = dirname(place)) {
    for (const name of NAMES) {
      const path = join(place, name)
      const bytes = await readIfPresent(path).catch((cause) => unreadable(path, cause))
      if (bytes) return { path, text: bytes.toString('utf8') }
    }
    if (place === dirname(place)) break
  }
  throw new AuthError('ConfigNotFound', `There is no atmos.yaml in ${directory} or above it.`, {
    hint: 'Change to your project, or write an atmos.yaml with an `auth:` section.',
  })
}

function unreadable(path: string, cause: Error): never {
  throw new AuthError('ConfigInvalid', `${path} cannot be read: ${cause.message}.`, {
    hint: 'It has to be a file that you may read.',
    cause,
  })
}
