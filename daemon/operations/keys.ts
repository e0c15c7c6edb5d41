/** Long-term keys of identities that live on them: entrusted to the keyring, and forgotten. */
import type * as z from 'zod'
import { AuthError } from '../../shared/errors.ts'
import type { KeysReply } from '../../shared/keys-reply.ts'
import type { IdentityRequest, KeysRequest } from '../../shared/requests.ts'
import { Secret } from '../../shared/secret.ts'
import { type Chain, chainTo, lastStep } from '../graph/chain.ts'
import type { Graph, IdentityNode } from '../graph/node.ts'
import type { House } from './house.ts'
import { identityChains } from './logout.ts'

type Keys = NonNullable<z.output<typeof KeysRequest>['keys']>

/** Stores the keys, or only looks where there are none in the request. New keys end the sessions of the old ones. */
export async function entrustKeys(house: House, request: z.output<typeof KeysRequest>): Promise<KeysReply> {
  const { graph, chain, node, owner } = await keysOf(house, request)
  if (!node.kind.entrusts?.(node.config)) throw ownKeys(node)
  const held = (await house.entrusted.get(chain.keyring, owner)) !== undefined
  if (request.keys) {
    await house.entrusted.put(chain.keyring, owner, recordOf(request.keys))
    await dropSessions(house, graph, chain)
    house.log.info(owner, 'keys entrusted')
  }
  return { ...owner, keyring: chain.keyring.type, held }
}

/** Also where the configuration has keys of its own by now. */
export async function forgetKeys(
  house: House,
  request: z.output<typeof IdentityRequest>,
): Promise<KeysReply> {
  const { graph, chain, owner } = await keysOf(house, request)
  const held = await house.entrusted.forget(chain.keyring, owner)
  await dropSessions(house, graph, chain)
  if (held) house.log.info(owner, 'keys forgotten')
  return { ...owner, keyring: chain.keyring.type, held }
}

async function keysOf(house: House, request: z.output<typeof IdentityRequest>) {
  const { graph } = await house.workspaces.sound(request.workspace)
  const chain = chainTo(graph, chosen(graph, request.identity))
  const node = lastStep(chain).node as IdentityNode
  if (!node.kind.entrusts) throw needsNone(node, candidatesIn(graph))
  return { graph, chain, node, owner: { realm: chain.realm, identity: node.name } }
}

/** Without a name, the one identity that there is for it. */
function chosen(graph: Graph, wanted: string | undefined): string {
  if (wanted !== undefined) return wanted
  const candidates = candidatesIn(graph)
  if (candidates.length === 1 && candidates[0]) return candidates[0]
  if (candidates.length === 0)
    throw new AuthError('IdentityUnknown', 'No identity of the configuration lives on keys of a user.', {
      hint: 'Add one of kind aws/user under auth.identities.',
    })
  throw new AuthError('IdentityRequired', `${candidates.length} identities live on keys of a user.`, {
    hint: `Name one with -i: ${candidates.join(', ')}.`,
    details: { candidates },
  })
}

function candidatesIn({ identities }: Graph): string[] {
  return [...identities.values()]
    .filter(({ kind }) => kind.entrusts)
    .map(({ name }) => name)
    .sort()
}

function needsNone({ name, kindName }: IdentityNode, candidates: readonly string[]): AuthError {
  return new AuthError('IdentityUnknown', `"${name}" is ${kindName}, which lives on no keys of a user.`, {
    hint:
      candidates.length > 0
        ? `Identities that do: ${candidates.join(', ')}.`
        : 'Add one of kind aws/user under auth.identities.',
  })
}

function ownKeys({ name }: IdentityNode): AuthError {
  return new AuthError('ConfigInvalid', `The configuration has the keys of "${name}", and those are used.`, {
    hint: 'Remove access_key_id and secret_access_key there to keep keys in the keyring.',
  })
}

function recordOf({ accessKeyId, secretAccessKey, mfaArn, sessionSeconds }: Keys): Secret {
  const record = { access_key_id: accessKeyId, secret_access_key: secretAccessKey }
  return new Secret(JSON.stringify({ ...record, mfa_arn: mfaArn, session_seconds: sessionSeconds }))
}

/** The session of the keys, and those that came from it. */
async function dropSessions({ broker }: House, graph: Graph, chain: Chain): Promise<void> {
  const { key } = lastStep(chain)
  for (const other of identityChains(graph)) {
    if (!other.steps.some((step) => step.key === key)) continue
    await broker.drop(other)
    broker.setbacks.clear(lastStep(other).key)
  }
}
