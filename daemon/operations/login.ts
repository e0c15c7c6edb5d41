/** Signing in, as a stream of events that ends with `done` or `failed`. */
import type * as z from 'zod'
import { asAuthError, toFailureBody } from '../../shared/errors.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import type { LoginRequest } from '../../shared/requests.ts'
import { type Chain, chainOfProvider, chainTo } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import type { Graph } from '../graph/node.ts'
import type { House } from './house.ts'
import { provision } from './provision.ts'
import { describeSession, placeOf } from './whoami.ts'

/** Signs in and tells `show` of each step; never throws. Aborting `leave` cancels. */
export async function signIn(
  house: House,
  request: z.output<typeof LoginRequest>,
  show: (event: LoginEvent) => void,
  leave: AbortSignal,
): Promise<void> {
  try {
    const { graph } = await house.workspaces.sound(request.workspace)
    const chain = wantedChain(graph, request)
    show({ type: 'started', chain: chain.steps.map(({ node }) => node.name) })
    const session = await house.login.signIn(chain, show, leave, request.hasBrowser)
    await provision(house, chain, request, show, leave)
    const { provider } = request
    const done = provider
      ? { provider, realm: chain.realm, ...placeOf(chain), expiresAt: session.expiresAt }
      : await describeSession(house, chain, session)
    show({ type: 'done', session: done })
  } catch (error) {
    show({ type: 'failed', failure: toFailureBody(asAuthError(error)) })
  }
}

function wantedChain(graph: Graph, { identity, provider }: z.output<typeof LoginRequest>): Chain {
  if (provider !== undefined) return chainOfProvider(graph, provider)
  const only = [...graph.providers.keys()]
  // With providers alone there is nothing to choose an identity from: sign in to the one there is.
  if (identity === undefined && written(graph) === 0 && only.length === 1 && only[0]) {
    return chainOfProvider(graph, only[0])
  }
  return chainTo(graph, chosenIdentity(graph, identity))
}

function written({ identities }: Graph): number {
  return [...identities.values()].filter(({ assigned }) => !assigned).length
}
