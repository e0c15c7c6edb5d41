/** Issuing a grant, and finding the chain behind one after a restart. */
import type * as z from 'zod'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { GrantReply } from '../../shared/replies.ts'
import type { GrantRequest, IdentityRequest } from '../../shared/requests.ts'
import type { Workspaces } from '../config/workspaces.ts'
import type { Grant } from '../grants/grant.ts'
import { type Chain, chainTo, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import type { IdentityNode } from '../graph/node.ts'
import type { Keyrings } from '../sessions/keyrings.ts'
import { assignmentOf, identityOf } from './assigned.ts'
import type { House } from './house.ts'

/** How long the environment that `atmosctl env` prints is good for. */
const DEFAULT_LIFETIME_SECONDS = 24 * 3_600
const EXEC_LIFETIME_SECONDS = 30 * 24 * 3_600

/** Issues a grant for an identity that has a session, or can get one with nobody asked. */
export async function issueGrant(house: House, request: z.output<typeof GrantRequest>): Promise<GrantReply> {
  const { workspace: reference, holder } = request
  const { chain, node } = await toolChain(house, request)
  await house.broker.session(chain)
  const lifetime = request.lifetimeSeconds ?? (holder ? EXEC_LIFETIME_SECONDS : DEFAULT_LIFETIME_SECONDS)
  const { environment, ...standing } = reference
  const sealed = Object.values(environment).some((value) => value !== null)
  const { grant, secret } = await house.grants.issue({
    identity: node.name,
    realm: chain.realm,
    assigned: assignmentOf(node),
    standing,
    keyring: chain.keyring,
    variables: Object.keys(environment),
    sealed,
    lifetimeMs: lifetime * 1000,
    holder,
  })
  if (sealed) await seal(house.keyrings, grant, environment)
  house.chains.learn(grant.id, chain)
  return {
    id: grant.id,
    identity: node.name,
    dialect: 'aws-container',
    url: `http://${house.facts.listen}/aws/${grant.id}`,
    token: secret.reveal(),
    region: chain.region,
    expiresAt: grant.expiresAt,
    variables: { ...node.variables },
  }
}

/** The chain of the identity that a request means, which must be one that tools can use. */
export async function toolChain(
  house: House,
  { workspace, identity }: z.output<typeof IdentityRequest>,
): Promise<{ chain: Chain; node: IdentityNode }> {
  const { graph } = await house.workspaces.sound(workspace)
  const chain = chainTo(graph, chosenIdentity(graph, identity))
  const { node } = lastStep(chain)
  if (node.role === 'identity' && node.kind.yields === 'aws') return { chain, node }
  throw new AuthError('BadRequest', `"${node.name}" gives no credentials for tools.`)
}

/** Revokes grants, and drops the values of variables that were kept for them. */
export async function revokeGrants(house: House, which: (grant: Grant) => boolean): Promise<number> {
  const revoked = await house.grants.revoke(which)
  for (const grant of revoked) {
    house.chains.forget(grant.id)
    if (!grant.sealed) continue
    const store = await house.keyrings.open(grant.keyring).catch(() => undefined)
    await store?.delete(place(grant))
  }
  return revoked.length
}

/** The chain of a grant, from its directory's configuration and the variables that it was issued with. */
export function chainResolver(workspaces: Workspaces, keyrings: Keyrings): (grant: Grant) => Promise<Chain> {
  return async (grant) => {
    const kept = grant.sealed ? await unseal(keyrings, grant) : undefined
    const environment = kept ?? Object.fromEntries(grant.variables.map((name) => [name, null]))
    const { graph } = await workspaces.sound({ ...grant.standing, environment })
    try {
      return chainTo(graph, identityOf(graph, grant))
    } catch (error) {
      throw grant.sealed && kept === undefined && asAuthError(error).code === 'EnvironmentMissing'
        ? forgotten()
        : error
    }
  }
}

type Environment = Record<string, string | null>

function place({ id }: Grant): string {
  return `grant/${id}`
}

async function seal(keyrings: Keyrings, grant: Grant, environment: Environment): Promise<void> {
  const store = await keyrings.open(grant.keyring)
  await store.set(place(grant), JSON.stringify(environment))
}

/** Undefined where a keyring in memory has forgotten them. */
async function unseal(keyrings: Keyrings, grant: Grant): Promise<Environment | undefined> {
  const store = await keyrings.open(grant.keyring)
  const text = await store.get(place(grant))
  return text === undefined ? undefined : (JSON.parse(text) as Environment)
}

function forgotten(): AuthError {
  return new AuthError(
    'LoginRequired',
    'The daemon was restarted and kept nothing, as its keyring is in memory.',
    {
      hint: 'Run the tool again under `atmosctl exec`, or set `keyring: { type: file }`.',
    },
  )
}
