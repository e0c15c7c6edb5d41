/** Applying integrations: the daemon says what is to be written where the client runs, and remembers for whom. */
import type * as z from 'zod'
import { AuthError, asAuthError, toFailureBody } from '../../shared/errors.ts'
import type { Applied, ApplyReply } from '../../shared/integration-replies.ts'
import type { ApplyRequest } from '../../shared/requests.ts'
import { chainOfIntegration } from '../graph/chain.ts'
import type { Graph } from '../graph/node.ts'
import { within } from '../system/clock.ts'
import { applyCluster } from './clusters.ts'
import type { House } from './house.ts'
import { applyRegistry } from './registries.ts'
import { type Target, wantedTargets } from './targets.ts'

type Request = z.output<typeof ApplyRequest>

/** A person waits for the end of a sign-in, of which this is not a part. */
const AT_LOGIN_MS = 10_000

/** Applies what was asked for, each on its own. Only a request that means nothing is a failure of all. */
export async function applyIntegrations(house: House, request: Request): Promise<ApplyReply> {
  const { graph } = await house.workspaces.sound(request.workspace)
  const targets = await wantedTargets(graph, request)
  const done = await Promise.all(targets.map((target) => attempt(house, graph, target, request)))
  return {
    applied: done.filter((result): result is Applied => !('failure' in result)),
    failed: done.filter((result) => 'failure' in result),
  }
}

async function attempt(
  house: House,
  graph: Graph,
  target: Target,
  request: Request,
): Promise<Applied | ApplyReply['failed'][number]> {
  try {
    return await apply(house, graph, target, request)
  } catch (error) {
    const { node, identity, application } = target
    const failure = toFailureBody(asAuthError(error))
    house.log.warn({ name: node.name, code: failure.code }, 'integration not applied')
    const { name: integration, kindName: kind } = node
    return { integration, kind, identity, type: application.type, failure }
  }
}

async function apply(house: House, graph: Graph, target: Target, request: Request): Promise<Applied> {
  const { node, identity, application } = target
  const chain = chainOfIntegration(graph, node, identity)
  for (const { key } of chain.steps) house.broker.setbacks.clear(key) // a person asks, so the cloud is asked
  const inTime = async <T>(work: () => Promise<T>): Promise<T> => {
    const done = request.auto ? await within(house.clock, AT_LOGIN_MS, work) : await work()
    if (done) return done
    throw new AuthError('Pending', `Applying "${node.name}" takes longer than a sign-in should.`)
  }
  return application.type === 'kubeconfig'
    ? applyCluster(house, chain, { application, identity, inTime }, request)
    : applyRegistry(house, chain, { ...target, application, inTime }, request)
}
