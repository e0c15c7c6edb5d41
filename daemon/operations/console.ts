/** The web console of a cloud, for an identity. */
import type * as z from 'zod'
import type { ConsoleReply } from '../../shared/console-reply.ts'
import { AuthError } from '../../shared/errors.ts'
import type { ConsoleRequest } from '../../shared/requests.ts'
import { type Chain, chainTo, lastStep } from '../graph/chain.ts'
import { chosenIdentity } from '../graph/choice.ts'
import { factsOf } from '../graph/facts.ts'
import { azureDestination } from '../upstream/azure-portal.ts'
import { googleDestination } from '../upstream/google-console.ts'
import { awsConsole } from './console-aws.ts'
import type { House } from './house.ts'
import { describeChain } from './whoami.ts'

type Request = z.output<typeof ConsoleRequest>

/** A way in for one browser. Usage for a destination that is not the console; KindUnsupported for what has none. */
export async function openConsole(house: House, request: Request): Promise<ConsoleReply> {
  const { graph, isolatedConsole } = await house.workspaces.sound(request.workspace)
  const chain = chainTo(graph, chosenIdentity(graph, request.identity))
  const { kind, name, kindName } = lastStep(chain).node
  const type = kind.role === 'identity' ? kind.yields : undefined
  if (type === 'aws') return awsConsole(house, chain, request, isolatedConsole)
  const facts = factsOf(chain)
  if (type === 'azure-token')
    return unsigned(chain, azureDestination(request.destination, facts), isolatedConsole)
  if (type === 'gcp-token')
    return unsigned(chain, googleDestination(request.destination, facts), isolatedConsole)
  throw new AuthError('KindUnsupported', `"${name}" is ${kindName}, which has no console.`)
}

/** The other clouds let no token into their consoles: the browser itself is signed in, or asks. */
function unsigned(chain: Chain, destination: string, isolated: boolean): ConsoleReply {
  const { identity, kind, realm, provider } = describeChain(chain)
  return {
    identity,
    kind,
    realm,
    ...(provider === undefined ? {} : { provider }),
    destination,
    address: destination,
    isolated,
  }
}
