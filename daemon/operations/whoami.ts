/** Who the credentials of an identity are, and until when. */
import type * as z from 'zod'
import type { IdentityRequest, WhoamiReply } from '../../shared/api.ts'
import type { Credential } from '../../shared/credential.ts'
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
  const { credential } = session
  const known = credential.type === 'aws' ? credential : undefined
  const asked = known?.principal ? known : await identify(house, credential, chain).catch(() => known)
  const account = asked?.accountId ?? known?.accountId
  return {
    identity: node.name,
    kind: node.kindName,
    realm: chain.realm,
    chain: chain.steps.map((step) => step.node.name),
    ...(asked?.principal ? { principal: asked.principal } : {}),
    ...(account ? { account } : {}),
    region: chain.region,
    expiresAt: session.expiresAt,
    ...signInEnd(house, chain),
  }
}

const IDENTIFY_MS = 3_000

/** Asks the cloud whose a credential is, for the types of which it can say. */
async function identify(
  { clock }: House,
  credential: Credential,
  chain: Chain,
): Promise<{ principal?: string; accountId?: string } | undefined> {
  if (credential.type !== 'aws') return {}
  const { callerIdentityRequest } = await import('../upstream/sts.ts')
  const at = { region: chain.region, endpoint: endpointOf(chain, 'sts'), keys: credential }
  return within(clock, IDENTIFY_MS, (signal) => callerIdentityRequest({ ...at, signal }))
}

/** The end of the sign-in at the root, where the root is a provider whose session cannot be renewed without a human. */
function signInEnd(house: House, chain: Chain): { sessionEndsAt?: number } {
  const [root] = chain.steps
  const held = root && house.broker.held.peek(chain.keyring, root.key)
  if (held?.credential.type !== 'aws-sso-token') return {}
  const { credential } = held
  return { sessionEndsAt: credential.refreshToken ? credential.client.expiresAt : credential.expiresAt }
}
