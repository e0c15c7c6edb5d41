/** How kubectl is to run atmosctl for a token (kubernetes.io, "client-go credential plugins"). */
import type { Here } from '../here.ts'
import { find, shipped } from '../program.ts'
import { sameAgain } from '../standing.ts'

const HINT = 'atmosctl of atmosd gets the tokens for this cluster, and is not where it was.'

/** The `exec` of a user. It names the configuration, so that it works from any directory. */
export function execOf(here: Here, token: readonly string[], identity: string): object {
  const { words, variables } = sameAgain(here, identity)
  const env = variables.map(([name, value]) => ({ name, value }))
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: program(here),
    args: [...token, ...words],
    ...(env.length > 0 ? { env } : {}),
    installHint: HINT,
    interactiveMode: 'Never',
    provideClusterInfo: false,
  }
}

/** By its name where the PATH has it: desktops and editors have another PATH, but an update may move the file. */
function program(here: Here): string {
  return typeof find('atmosctl', here.env.PATH ?? '') === 'string' ? 'atmosctl' : shipped(here, 'atmosctl')
}
