/** Which dialects a credential is asked for in, and where each of them is spoken. */
import type { CredentialType } from '../../shared/credential.ts'
import type { Dialect } from '../../shared/dialects.ts'
import { AuthError } from '../../shared/errors.ts'
import type { GrantReply } from '../../shared/replies.ts'
import type { Issued } from '../grants/grants.ts'
import type { IdentityNode } from '../graph/node.ts'

/** Where the tools of a grant ask, and with which secrets. */
export function addressesOf(listen: string, { grant, secret, path }: Issued): Addresses {
  const { id, dialect, port } = grant
  const [own, common, token] = [`http://127.0.0.1:${port}`, `http://${listen}`, secret.reveal()]
  if (dialect === 'aws-imds') return { url: own, token: '' }
  if (dialect === 'gce-metadata') return { url: own, token, exchange: `${common}/gcp/${id}` }
  if (dialect === 'azure-identity')
    return { url: `${common}/azure/${id}`, token, path: path?.reveal() as string }
  return { url: `${common}/aws/${id}`, token }
}

type Addresses = Pick<GrantReply, 'url' | 'token' | 'exchange' | 'path'>

/** The dialects that each type of credential is asked for in, the usual one first. */
const dialectsOf: Partial<Record<CredentialType, readonly Dialect[]>> = {
  aws: ['aws-container', 'aws-imds'],
  'gcp-token': ['gce-metadata'],
  'azure-token': ['azure-identity'],
}
/** Types of credentials that tools can use. */
export const toolTypes = Object.keys(dialectsOf) as CredentialType[]

export const dialectNeeds: Readonly<Record<Dialect, { hasPort?: true; hasDirectory?: true }>> = {
  'aws-container': {},
  'aws-imds': { hasPort: true },
  'gce-metadata': { hasPort: true, hasDirectory: true },
  'azure-identity': { hasDirectory: true },
}

/** The dialect for an identity: the wanted one, which has to be one of its credential's, or the usual one. */
export function dialectFor({ name, kind, kindName }: IdentityNode, wanted: Dialect | undefined): Dialect {
  const spoken = dialectsOf[kind.yields] ?? []
  const dialect = wanted ?? spoken[0]
  if (dialect && spoken.includes(dialect)) return dialect
  throw new AuthError('BadRequest', `"${name}" (${kindName}) gives tools nothing by ${wanted}.`, {
    hint: `Leave that out: by ${spoken.join(' and ')} it does.`,
  })
}
