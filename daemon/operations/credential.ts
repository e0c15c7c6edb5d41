/** Handing out a credential itself, for tools that cannot ask an endpoint. */
import type * as z from 'zod'
import type { Credential } from '../../shared/credential.ts'
import type { CredentialReply } from '../../shared/credential-reply.ts'
import { AuthError } from '../../shared/errors.ts'
import type { IdentityRequest } from '../../shared/requests.ts'
import { type Chain, lastStep } from '../graph/chain.ts'
import { factsOf } from '../graph/facts.ts'
import { toolTypes } from './dialects.ts'
import { toolChain } from './grant.ts'
import type { House } from './house.ts'
import { lasting } from './lasting.ts'

/** The credential of an identity that a grant could be issued for. */
export async function giveCredential(
  house: House,
  request: z.output<typeof IdentityRequest>,
): Promise<CredentialReply> {
  const { chain, node } = await toolChain(house, request, toolTypes)
  const { credential, expiresAt } = await lasting(house, chain)
  const { key } = lastStep(chain)
  house.log.info({ key: key.slice(0, 8), name: node.name, expiresAt }, 'credential handed out')
  const common = { identity: node.name, region: chain.region, expiresAt, variables: { ...node.variables } }
  return { ...common, ...revealed(credential, chain) }
}

function revealed(credential: Credential, chain: Chain) {
  switch (credential.type) {
    case 'aws': {
      const { type, accessKeyId, secretAccessKey, sessionToken, accountId } = credential
      const keys = {
        accessKeyId,
        secretAccessKey: secretAccessKey.reveal(),
        sessionToken: sessionToken.reveal(),
      }
      return { type, ...keys, ...(accountId === undefined ? {} : { accountId }) }
    }
    case 'gcp-token':
    case 'azure-token': {
      const { type, accessToken } = credential
      return { type, accessToken: accessToken.reveal(), facts: factsOf(chain) }
    }
    default:
      throw new AuthError('Internal', `A ${credential.type} is for no tool.`)
  }
}
