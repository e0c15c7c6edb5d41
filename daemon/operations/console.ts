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
  const facts = { account: signedInAs(house, chain), ...factsOf(chain) }
  if (type === 'azure-token') {
    const { subscription } = facts
    const destination = azureDestination(request.destination, facts)
    return { ...unsigned(chain, request, destination, isolatedConsole), ...given({ account: subscription }) }
  }
  if (type === 'gcp-token') {
    const { project } = facts
    const destination = googleDestination(request.destination, facts)
    return { ...unsigned(chain, request, destination, isolatedConsole), ...given({ project }) }
  }
  throw new AuthError('KindUnsupported', `"${name}" is ${kindName}, which has no console.`)
}

/** Whose session is held, if any: a browser may have several people signed in. */
function signedInAs({ broker }: House, chain: Chain): string | undefined {
  const { credential } = broker.ready(chain) ?? {}
  return credential && 'principal' in credential ? credential.principal : undefined
}

/** The other clouds let no token into their consoles: the browser itself is signed in, or asks. */
function unsigned(chain: Chain, request: Request, destination: string, isolated: boolean): ConsoleReply {
  const { identity, kind, realm, provider } = describeChain(chain)
  const unheard = '--duration has no effect: the browser has a sign-in of its own there.'
  return {
    identity,
    kind,
    realm,
    ...given({ provider }),
    destination,
    address: destination,
    isolated,
    ...(request.durationSeconds === undefined ? {} : { unheard }),
  }
}

function given<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  const known = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as { [K in keyof T]?: string }
}
