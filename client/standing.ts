/** Where a client stands: what every request says of it, and how another run finds the same configuration again. */
import type { WorkspaceInput } from '../shared/requests.ts'
import type { Here } from './here.ts'

/** Variables that move or change the configuration itself; none of them is a secret. */
const SETTINGS = [
  'ATMOS_AUTH_REALM',
  'ATMOS_CLI_CONFIG_PATH',
  'ATMOS_GIT_ROOT_BASEPATH',
  'ATMOS_KEYRING_FILE_PATH',
  'ATMOS_KEYRING_PASSWORD_ENV',
  'ATMOS_KEYRING_TYPE',
  'ATMOS_PROFILE',
  'ATMOS_XDG_CONFIG_HOME',
  'XDG_CONFIG_HOME',
]

export function standingOf({ cwd, env, globals }: Here): WorkspaceInput {
  const set = SETTINGS.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []))
  return { directory: cwd, ...globals, settings: Object.fromEntries(set) }
}

/** How a run of atmosctl from anywhere means an identity of this configuration. */
export interface SameAgain {
  /** Options, to stand behind a command. */
  words: string[]
  /** Variables that have to be set, each with its value. */
  variables: [name: string, value: string][]
}

export function sameAgain(here: Here, identity: string): SameAgain {
  const { directory, config = [], configPath = [], profiles = [], settings = {} } = standingOf(here)
  return {
    words: [
      // A name that begins with a dash would count as another option.
      ...(identity.startsWith('-') ? [`--identity=${identity}`] : ['-i', identity]),
      ...['--chdir', directory],
      ...config.flatMap((path) => ['--config', path]),
      ...configPath.flatMap((path) => ['--config-path', path]),
      ...profiles.flatMap((name) => ['--profile', name]),
    ],
    variables: Object.entries(settings),
  }
}
