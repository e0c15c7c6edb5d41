/** Issuing a grant, and finding the chain behind one after a restart. */
import type * as z from 'zod'
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { Credential, CredentialType } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { GrantReply } from '../../shared/replies.ts'
import type { GrantRequest, IdentityRequest } from '../../shared/requests.ts'
import type { Workspaces } from '../config/workspaces.ts'
import type { Grant } from '../grants/grant.ts'
import { type Chain, chainTo, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import { factsOf } from '../graph/facts.ts'
import type { Graph, IdentityNode } from '../graph/node.ts'
import type { Keyrings } from '../sessions/keyrings.ts'
import { assignmentOf, identityOf } from './assigned.ts'
import { addressesOf, dialectFor, dialectNeeds, toolTypes } from './dialects.ts'
import type { House } from './house.ts'
import { neverLasts } from './lasting.ts'
import { chainBehind, needsSeal, seal, unkeep } from './origin.ts'

/** How long the environment that `atmosctl env` prints is good for. */
const DEFAULT_LIFETIME_SECONDS = 24 * 3_600
const EXEC_LIFETIME_SECONDS = 30 * 24 * 3_600

/** Issues a grant for an identity that has a session, or can get one with nobody asked. */
export async function issueGrant(house: House, request: z.output<typeof GrantRequest>): Promise<GrantReply> {
  const { workspace: reference, holder } = request
  const { chain, node } = await toolChain(house, request, toolTypes)
  const dialect = dialectFor(node, request.dialect)
  const session = await house.broker.session(chain)
  if (dialect === 'aws-imds' && neverLasts(session)) throw tooShort(node.name)
  const lifetime = request.lifetimeSeconds ?? (holder ? EXEC_LIFETIME_SECONDS : DEFAULT_LIFETIME_SECONDS)
  const { environment, ...standing } = reference
  const sealed = needsSeal(environment)
  const issued = await house.grants.issue({
    dialect,
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
  const { grant } = issued
  const { hasPort, hasDirectory } = dialectNeeds[dialect]
  let directory: string | undefined
  try {
    if (sealed) await seal(house.keyrings, place(grant), grant, environment)
    if (hasPort) await openPort(house, grant, request.port)
    if (hasDirectory) directory = await house.directories.make(grant.id)
  } catch (error) {
    await revokeGrants(house, ({ id }) => id === grant.id) // nobody is told of it, so nobody would revoke it
    throw error
  }
  house.chains.learn(grant.id, chain)
  return {
    id: grant.id,
    identity: node.name,
    dialect,
    ...addressesOf(house.facts.listen, issued),
    ...(directory === undefined ? {} : { directory }),
    facts: { ...factsOf(chain), ...told(session.credential) },
    region: chain.region,
    expiresAt: grant.expiresAt,
    variables: { ...node.variables },
  }
}

/** The id of a tenant is in the token, where the configuration may have a domain. */
function told(credential: Credential): CloudFacts {
  return credential.type === 'azure-token' ? { tenant: credential.tenantId } : {}
}

/** Opens the port that a grant has for itself. */
async function openPort({ listeners, grants }: House, grant: Grant, wanted: number | undefined) {
  await grants.place(grant, await listeners.open(grant, wanted))
}

/** The chain of the identity that a request means, which must be one that tools can use. */
export async function toolChain(
  house: House,
  { workspace, identity }: z.output<typeof IdentityRequest>,
  types: readonly CredentialType[] = ['aws'],
): Promise<{ chain: Chain; node: IdentityNode; graph: Graph }> {
  const { graph } = await house.workspaces.sound(workspace)
  const chain = chainTo(graph, chosenIdentity(graph, identity))
  const { node } = lastStep(chain)
  if (node.role === 'identity' && types.includes(node.kind.yields)) return { chain, node, graph }
  throw new AuthError('BadRequest', `"${node.name}" gives no credentials for tools.`)
}

/** Revokes grants, closes their ports, and drops the values of variables that were kept for them. */
export async function revokeGrants(house: House, which: (grant: Grant) => boolean): Promise<number> {
  const theirs = house.grants.list().filter(which)
  try {
    await house.grants.revoke(which)
  } finally {
    // Also where that could not be kept: revoked they are, and the next try finds none of them to end.
    for (const grant of theirs) {
      house.chains.forget(grant.id)
      await house.listeners.close(grant.id)
      await house.directories.remove(grant.id)
      await unkeep(house.keyrings, place(grant), grant)
    }
  }
  return theirs.length
}

/** The chain of a grant, from its directory's configuration and the variables that it was issued with. */
export function chainResolver(workspaces: Workspaces, keyrings: Keyrings): (grant: Grant) => Promise<Chain> {
  const cure = 'Run the tool again under `atmosctl exec`'
  return (grant) =>
    chainBehind(
      { workspaces, keyrings },
      place(grant),
      grant,
      (graph) => chainTo(graph, identityOf(graph, grant)),
      cure,
    )
}

function place({ id }: Grant): string {
  return `grant/${id}`
}

function tooShort(name: string): AuthError {
  return new AuthError('BadRequest', `Credentials of "${name}" are too short-lived for IMDS.`, {
    hint: 'Tools would use them beyond their end. Leave out IMDS, or let them live 25 minutes at least.',
  })
}
