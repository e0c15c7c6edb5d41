import { join } from 'node:path'

/** What decides where things are; both sides pass their own process's values. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  platform: string
  home: string
  uid: number
}

export interface Paths {
  /** Directory of the socket and the locks; mode 0700, lost at reboot where the system has such a place. */
  runtime: string
  /** The control socket. */
  socket: string
  /** Where directories of grants are whose tools keep files: the first that can be had. In memory where there is such a place. */
  directories: readonly string[]
  /** Held for as long as a daemon lives: one serves the socket, and one writes what outlives it. */
  locks: readonly { path: string; over: string }[]
  /** Directory of what outlives a restart: grants, vault, logs; mode 0700. */
  state: string
  grants: string
  /** The registries that Docker's helper answers for. */
  registries: string
  /** The clusters that were entered in kubeconfig. */
  clusters: string
  /** The list of files that may run commands. */
  trust: string
  vault: string
  /** Directories that steps of a chain keep for themselves, such as the profile of a browser. */
  belongings: string
  log: string
}

/** Default address of the credential endpoint. */
export const DEFAULT_LISTEN = '127.0.0.1:9191'

/**
 * Where the daemon and the client meet, and where the daemon keeps what it must not forget.
 * `ATMOSD_SOCKET` moves the socket, `ATMOSD_STATE` or `ATMOS_XDG_DATA_HOME` the rest.
 */
export function pathsFor(here: Surroundings): Paths {
  const socket = here.env.ATMOSD_SOCKET
  const runtime = socket ? join(socket, '..') : runtimeDirectory(here)
  const state = here.env.ATMOSD_STATE ?? stateDirectory(here)
  return {
    runtime,
    socket: socket ?? join(runtime, 'control.sock'),
    directories: [...(isInMemory(here) ? [] : memoryOf(here)), join(runtime, 'grants')],
    locks: [
      { path: join(runtime, 'daemon.lock'), over: runtime },
      { path: join(state, 'state.lock'), over: state },
    ],
    state,
    grants: join(state, 'grants.json'),
    registries: join(state, 'registries.json'),
    clusters: join(state, 'clusters.json'),
    trust: join(state, 'trust.json'),
    vault: join(state, 'vault.json'),
    belongings: join(state, 'belongings'),
    log: join(state, 'daemon.log'),
  }
}

function runtimeDirectory({ env, platform, home, uid }: Surroundings): string {
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'atmosd')
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'atmosd')
  return join('/tmp', `atmosd-${uid}`)
}

/** XDG_RUNTIME_DIR is in memory by its specification; a socket that was moved has its directories beside it. */
function isInMemory({ env }: Surroundings): boolean {
  return Boolean(env.ATMOSD_SOCKET || env.XDG_RUNTIME_DIR)
}

/** Linux has a file system in memory there, for shm_open(3). */
function memoryOf({ platform, uid }: Surroundings): string[] {
  return platform === 'linux' ? [join('/dev/shm', `atmosd-${uid}`)] : []
}

function stateDirectory({ env, platform, home }: Surroundings): string {
  const data = env.ATMOS_XDG_DATA_HOME ?? env.XDG_DATA_HOME
  if (data) return join(data, 'atmosd')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'atmosd')
  return join(home, '.local', 'share', 'atmosd')
}
