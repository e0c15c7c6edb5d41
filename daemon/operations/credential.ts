/** Handing out a credential itself, for tools that cannot ask an endpoint. */
import type * as z from 'zod'
import type { CredentialReply } from '../../shared/credential-reply.ts'
import { AuthError } from '../../shared/errors.ts'
import type { IdentityRequest } from '../../shared/requests.ts'
import { lastStep } from '../graph/chain.ts'
import { toolChain } from './grant.ts'
import type { House } from './house.ts'
import { lasting } from './lasting.ts'

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
