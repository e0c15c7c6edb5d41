/** How kubectl is to run atmosctl for a token (kubernetes.io, "client-go credential plugins"). */
import { dirname, join } from 'node:path'
import { standingOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import { find } from '../program.ts'

const HINT = 'atmosctl of atmosd gets the tokens for this cluster, and is not where it was.'

/** The `exec` of a user. It names the configuration, so that it works from any directory. */
export function execOf(here: Here, token: readonly string[], identity: string): object {
  const { directory, config = [], configPath = [], profiles = [], settings = {} } = standingOf(here)
  const env = Object.entries(settings).map(([name, value]) => ({ name, value }))
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: program(here),
    args: [
      ...['--chdir', directory],
      ...config.flatMap((path) => ['--config', path]),
      ...configPath.flatMap((path) => ['--config-path', path]),
      ...profiles.flatMap((name) => ['--profile', name]),
      ...token,
      ...['-i', identity],
    ],
    ...(env.length > 0 ? { env } : {}),
    installHint: HINT,
    interactiveMode: 'Never',
    provideClusterInfo: false,
  }
}

/** By its name where the PATH has it: desktops and editors have another PATH, but an update may move the file. */
function program({ env, daemon }: Here): string {
  const found = find('atmosctl', env.PATH ?? '')
  return typeof found === 'string'
    ? 'atmosctl'
    : join(dirname(daemon[1] ?? ''), '..', 'client', 'bin', 'atmosctl.cjs')
}
