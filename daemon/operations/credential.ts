/**
 * Handing out a credential itself, for tools that cannot ask an endpoint. Beside it a client gets, of a cloud's secrets,
 * only what was made for one use: the console's bare address and a cluster's token.
 */
import type * as z from 'zod'
import type { CredentialReply } from '../../shared/credential-reply.ts'
import { AuthError } from '../../shared/errors.ts'
import type { IdentityRequest } from '../../shared/requests.ts'
import { type Chain, lastStep } from '../graph/chain.ts'
import { isDue, type Session } from '../sessions/session.ts'
import { toolChain } from './grant.ts'
import type { House } from './house.ts'

/** The credential of an identity that a grant could be issued for. */
export async function giveCredential(
  house: House,
  request: z.output<typeof IdentityRequest>,
): Promise<CredentialReply> {
  const { chain, node } = await toolChain(house, request)
  const { credential, expiresAt } = await lasting(house, chain)
  if (credential.type !== 'aws')
    throw new AuthError('BadRequest', `"${node.name}" gives no credentials for tools.`)
  const { key } = lastStep(chain)
  house.log.info({ key: key.slice(0, 8), name: node.name, expiresAt }, 'credential handed out')
  return {
    identity: node.name,
    type: 'aws',
    accessKeyId: credential.accessKeyId,
    secretAccessKey: credential.secretAccessKey.reveal(),
    sessionToken: credential.sessionToken.reveal(),
    region: chain.region,
    ...(credential.accountId === undefined ? {} : { accountId: credential.accountId }),
    expiresAt,
    variables: { ...node.variables },
  }
}

/** Nobody renews what was handed out: one near its end is renewed first, where that can be done. */
export async function lasting({ broker, clock }: House, chain: Chain): Promise<Session> {
  const session = await broker.session(chain)
  return isDue(session, clock) ? broker.renew(chain).catch(() => session) : session
}
