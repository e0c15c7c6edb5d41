/** Who the credentials of an identity are, and until when; or why there are none. */
import type * as z from 'zod'
import type { Credential, CredentialType } from '../../shared/credential.ts'
import { type AuthError, asAuthError, failures } from '../../shared/errors.ts'
import type { SessionReply, WhoamiReply } from '../../shared/replies.ts'
import type { IdentityRequest } from '../../shared/requests.ts'
import { type Chain, chainTo, endpointOf, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import { factsOf } from '../graph/facts.ts'
import { type Session, stateOf } from '../sessions/session.ts'
import { within } from '../system/clock.ts'
import type { House } from './house.ts'

/** Never asks a human. Faults of the configuration and a locked keyring are thrown; any other failure is the answer. */
export async function whoami(house: House, request: z.output<typeof IdentityRequest>): Promise<WhoamiReply> {
  const { graph } = await house.workspaces.sound(request.workspace)
  const chain = chainTo(graph, chosenIdentity(graph, request.identity))
  try {
    const session = await house.broker.session(chain)
    const described = await describeSession(house, chain, session)
    return { valid: true, state: stateOf(session, house.clock), ...described }
  } catch (error) {
    const failure = asAuthError(error)
    if (!isAnswer(failure)) throw failure
    return { valid: false, ...(await describeLast(house, chain)), ...reasonOf(failure) }
  }
}

/** The session of a chain in the words of `login` and `whoami`. The cloud is asked for the principal, where it says one. */
export async function describeSession(house: House, chain: Chain, session: Session): Promise<SessionReply> {
  const { principal, account } = await owner(house, chain, session.credential)
  return {
    ...describeChain(chain),
    ...(principal ? { principal } : {}),
    ...(account ? { account } : {}),
    expiresAt: session.expiresAt,
    ...signInEnd(house, chain),
  }
}

export function describeChain(chain: Chain) {
  const { steps, realm } = chain
  const { node } = lastStep(chain)
  const [root] = steps
  return {
    identity: node.name,
    kind: node.kindName,
    realm,
    ...(root?.node.role === 'provider' ? { provider: root.node.name } : {}),
    chain: steps.map((step) => step.node.name),
    ...placeOf(chain),
  }
}

/** Where an identity works: AWS always has a region, others have those that their configuration names. */
export function placeOf(chain: Chain): Pick<SessionReply, 'project' | 'region'> {
  const { kind } = lastStep(chain).node
  if (kind.role === 'integration' || !elsewhere.has(kind.yields)) return { region: chain.region }
  const { project, region, location = region } = factsOf(chain)
  return { ...(project ? { project } : {}), ...(location ? { region: location } : {}) }
}

const elsewhere = new Set<CredentialType>(['gcp-token', 'azure-token'])

/** What is known where no session can be had: of the configuration, and of the session that has ended. */
async function describeLast({ broker, clock }: House, chain: Chain): Promise<Omit<WhoamiReply, 'valid'>> {
  const { node, key } = lastStep(chain)
  const last = await broker.held.load(chain.keyring, key)
  const told = last ? saidBy(last.credential, chain) : {}
  const configured = node.role === 'identity' ? node.kind.principal?.(node.config) : undefined
  const principal = told.principal ?? configured
  return {
    ...describeChain(chain),
    ...(principal ? { principal } : {}),
    ...(told.account ? { account: told.account } : {}),
    ...(last ? { expiresAt: last.expiresAt } : {}),
    state: stateOf(last, clock),
  }
}

/** What a sign-in or the cloud would have to change: exit codes 4 and 5 of the table. */
function isAnswer({ code }: AuthError): boolean {
  return failures[code].exit === 4 || failures[code].exit === 5
}

function reasonOf({ message, hint }: AuthError): Pick<WhoamiReply, 'reason' | 'hint'> {
  return { reason: message, ...(hint === undefined ? {} : { hint }) }
}

const IDENTIFY_MS = 3_000

interface Owner {
  principal?: string | undefined
  account?: string | undefined
}

const owners = new WeakMap<Credential, Owner>()

/** Whose a credential is: what it says itself, else what the cloud says, asked once a credential. */
async function owner({ clock }: House, chain: Chain, credential: Credential): Promise<Owner> {
  const known = owners.get(credential) ?? saidBy(credential, chain)
  if (known.principal || credential.type !== 'aws') return known
  const { callerIdentityRequest } = await import('../upstream/sts.ts')
  const at = { region: chain.region, endpoint: endpointOf(chain, 'sts'), keys: credential }
  const ask = (signal: AbortSignal) => callerIdentityRequest({ ...at, signal })
  const told = await within(clock, IDENTIFY_MS, ask).catch(() => undefined)
  if (!told) return known
  const found = { principal: told.principal, account: told.accountId ?? known.account }
  owners.set(credential, found)
  return found
}

/** What a credential tells of itself; Azure's accounts are subscriptions, which only the configuration names. */
function saidBy(credential: Credential, chain: Chain): Owner {
  if (credential.type === 'aws') return { principal: credential.principal, account: credential.accountId }
  if (credential.type === 'gcp-token') return { principal: credential.principal }
  if (credential.type !== 'azure-token') return {}
  return { principal: credential.principal, account: factsOf(chain).subscription }
}

/** The end of the sign-in at the root, where it is known: how long a portal lets one be renewed, it does not tell. */
function signInEnd(house: House, chain: Chain): { sessionEndsAt?: number } {
  const [root] = chain.steps
  const held = root && house.broker.held.peek(chain.keyring, root.key)
  if (held?.credential.type !== 'aws-sso-token' || held.credential.refreshToken) return {}
  return { sessionEndsAt: held.credential.expiresAt }
}
