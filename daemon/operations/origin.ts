/** What outlives the request that made it, a grant or a registry, finds its chain again by where it came from. */
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Workspaces } from '../config/workspaces.ts'
import type { Grant } from '../grants/grant.ts'
import type { Chain } from '../graph/chain.ts'
import type { Graph } from '../graph/node.ts'
import type { Keyrings } from '../sessions/keyrings.ts'

/** `place` is where in the keyring the values of variables are, if it is sealed. */
export type Origin = Pick<Grant, 'standing' | 'keyring' | 'variables' | 'sealed'>
export type Values = Record<string, string | null>

/** Whether there is any value to keep: the names alone are no secret. */
export function needsSeal(environment: Values): boolean {
  return Object.values(environment).some((value) => value !== null)
}

export async function seal(
  keyrings: Keyrings,
  place: string,
  { keyring }: Pick<Origin, 'keyring'>,
  environment: Values,
): Promise<void> {
  const store = await keyrings.open(keyring)
  await store.set(place, JSON.stringify(environment))
}

/** Drops the values that were kept; a keyring that is locked or gone keeps what it has. */
export async function unkeep(keyrings: Keyrings, place: string, { sealed, keyring }: Origin): Promise<void> {
  if (!sealed) return
  const store = await keyrings.open(keyring).catch(() => undefined)
  await store?.delete(place)
}

/**
 * The chain that `find` finds in the configuration of then, loaded as it is now with the variables of then. `cure` is
 * what to do where a keyring in memory has forgotten their values.
 */
export async function chainBehind(
  { workspaces, keyrings }: { workspaces: Workspaces; keyrings: Keyrings },
  place: string,
  origin: Origin,
  find: (graph: Graph) => Chain | Promise<Chain>,
  cure: string,
): Promise<Chain> {
  const kept = origin.sealed ? await unseal(keyrings, place, origin) : undefined
  const environment = kept ?? Object.fromEntries(origin.variables.map((name) => [name, null]))
  const { graph } = await workspaces.sound({ ...origin.standing, environment })
  try {
    return await find(graph)
  } catch (error) {
    throw origin.sealed && kept === undefined && asAuthError(error).code === 'EnvironmentMissing'
      ? forgotten(cure)
      : error
  }
}

/** Undefined where a keyring in memory has forgotten them. */
async function unseal(keyrings: Keyrings, place: string, { keyring }: Origin): Promise<Values | undefined> {
  const store = await keyrings.open(keyring)
  const text = await store.get(place)
  return text === undefined ? undefined : (JSON.parse(text) as Values)
}

function forgotten(cure: string): AuthError {
  return new AuthError(
    'LoginRequired',
    'The daemon was restarted and kept nothing, as its keyring is in memory.',
    { hint: `${cure}, or set \`keyring: { type: file }\`.` },
  )
}
