/** Who the credentials of an identity are, and until when. */
import type * as z from 'zod'
import type { Credential } from '../../shared/credential.ts'
import type { WhoamiReply } from '../../shared/replies.ts'
import type { IdentityRequest } from '../../shared/requests.ts'
import { type Chain, chainTo, endpointOf, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import type { Session } from '../sessions/session.ts'
import { within } from '../system/clock.ts'
import type { House } from './house.ts'

export async function whoami(house: House, request: z.output<typeof IdentityRequest>): Promise<WhoamiReply> {
  const { graph } = await house.workspaces.sound(request.workspace)
  const chain = chainTo(graph, chosenIdentity(graph, request.identity))
  return describeSession(house, chain, await house.broker.session(chain))
}

/** The session of a chain in the words of `whoami`. The cloud is asked for the principal, where it says one. */
export async function describeSession(house: House, chain: Chain, session: Session): Promise<WhoamiReply> {
  const { node } = lastStep(chain)
  const { principal, account } = await owner(house, chain, session.credential)
  return {
    identity: node.name,
    kind: node.kindName,
    realm: chain.realm,
    chain: chain.steps.map((step) => step.node.name),
    ...(principal ? { principal } : {}),
    ...(account ? { account } : {}),
    region: chain.region,
    expiresAt: session.expiresAt,
    ...signInEnd(house, chain),
  }
}

const IDENTIFY_MS = 3_000

interface Owner {
  principal?: string | undefined
  account?: string | undefined
}

const owners = new WeakMap<Credential, Owner>()

/** Whose a credential is: what it says itself, else what the cloud says, asked once a credential. */
async function owner({ clock }: House, chain: Chain, credential: Credential): Promise<Owner> {
  if (credential.type !== 'aws') return {}
  const known = owners.get(credential) ?? { principal: credential.principal, account: credential.accountId }
  if (known.principal) return known
  const { callerIdentityRequest } = await import('../upstream/sts.ts')
  const at = { region: chain.region, endpoint: endpointOf(chain, 'sts'), keys: credential }
  const ask = (signal: AbortSignal) => callerIdentityRequest({ ...at, signal })
  const told = await within(clock, IDENTIFY_MS, ask).catch(() => undefined)
  if (!told) return known
  const found = { principal: told.principal, account: told.accountId ?? known.account }
  owners.set(credential, found)
  return found
}

/** The end of the sign-in at the root, where it is known: how long a portal lets one be renewed, it does not tell. */
function signInEnd(house: House, chain: Chain): { sessionEndsAt?: number } {
  const [root] = chain.steps
  const held = root && house.broker.held.peek(chain.keyring, root.key)
  if (held?.credential.type !== 'aws-sso-token' || held.credential.refreshToken) return {}
  return { sessionEndsAt: held.credential.expiresAt }
}
