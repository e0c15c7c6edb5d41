/** A token for a cluster of Azure's or Google Cloud's: an access token of the identity, for the cluster's application. */
import type * as z from 'zod'
import type { ClusterTokenReply } from '../../shared/cluster-token-reply.ts'
import { AuthError } from '../../shared/errors.ts'
import type { ClusterTokenRequest } from '../../shared/requests.ts'
import type { Want } from '../../shared/want.ts'
import { type Chain, lastStep } from '../graph/chain.ts'
import { wanting } from '../graph/wanting.ts'
import { AKS_SERVER } from '../upstream/aks.ts'
import { CLOUD_PLATFORM, EMAIL_SCOPE } from '../upstream/google-token.ts'
import { toolChain } from './grant.ts'
import type { House } from './house.ts'
import { insteadOf, lasting } from './lasting.ts'

/** GKE's roles are given to mail addresses, which a token tells with the second scope alone. */
const GKE_SCOPES = [CLOUD_PLATFORM, EMAIL_SCOPE]

/** A person's sign-in keeps its own scopes; all others are asked for what the cluster wants. */
export async function giveClusterToken(
  house: House,
  request: z.output<typeof ClusterTokenRequest>,
): Promise<ClusterTokenReply> {
  const { chain, node } = await toolChain(house, request, ['azure-token', 'gcp-token'])
  const wanted = wanting(chain, wantOf(chain, request))
  const { key } = lastStep(wanted)
  const held = await lasting(house, wanted)
  const isRefused = request.asker !== undefined && house.handouts.isRefused(request.asker, key, held)
  const { credential, expiresAt } = isRefused ? await insteadOf(house, wanted, held) : held
  if (!('accessToken' in credential)) throw new AuthError('Internal', 'What a cluster was given is no token.')
  house.log.info({ key: key.slice(0, 8), name: node.name, expiresAt }, 'cluster token handed out')
  return { identity: node.name, token: credential.accessToken.reveal(), expiresAt }
}

function wantOf(chain: Chain, { audience = AKS_SERVER }: { audience?: string | undefined }): Want {
  const { kind } = lastStep(chain).node
  const isAzure = kind.role === 'identity' && kind.yields === 'azure-token'
  return { scopes: isAzure ? [`${audience}/.default`] : GKE_SCOPES }
}
