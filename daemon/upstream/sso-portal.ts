/** The access portal of IAM Identity Center: accounts, and credentials of a permission set in one. */
import {
  type AccountInfo,
  GetRoleCredentialsCommand,
  type GetRoleCredentialsCommandOutput,
  ListAccountRolesCommand,
  ListAccountsCommand,
  LogoutCommand,
  paginateListAccounts,
  SSOClient,
} from '@aws-sdk/client-sso'
import type { AwsCredential, AwsSsoToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import { translated } from './aws-faults.ts'
import { transport, withClient } from './aws-transport.ts'

export interface SsoPortal {
  region: string
  endpoint: string | undefined
  token: AwsSsoToken
  signal: AbortSignal
}

/** As many as the portal puts on a page. */
const PAGE = 100

export interface Account {
  id: string
  name: string
}

function clientFor(at: SsoPortal): SSOClient {
  return new SSOClient(transport(at))
}

/** ListAccounts, all pages. */
export async function accountsRequest(at: SsoPortal): Promise<Account[]> {
  const accounts: Account[] = []
  const input = { accessToken: at.token.accessToken.reveal() }
  await translated('list accounts', () =>
    withClient(clientFor(at), async (client) => {
      const pages = paginateListAccounts({ client, pageSize: PAGE }, input, { abortSignal: at.signal })
      for await (const { accountList = [] } of pages) {
        accounts.push(...accountList.map(accountOf))
      }
    }),
  )
  return accounts
}

/**
 * ListAccounts and ListAccountRoles, one request a page and none repeated by the SDK, so that the caller decides how
 * fast they come. All go over the same connections until `close`.
 */
export function assignmentsOf(at: SsoPortal) {
  const client = new SSOClient({ ...transport(at), maxAttempts: 1 })
  const options = { abortSignal: at.signal }
  const input = (nextToken: string | undefined) => ({
    accessToken: at.token.accessToken.reveal(),
    maxResults: PAGE,
    nextToken,
  })
  return {
    close: () => client.destroy(),
    accounts: (from: string | undefined) =>
      translated('list accounts', async () => {
        const answer = await client.send(new ListAccountsCommand(input(from)), options)
        return { items: (answer.accountList ?? []).map(accountOf), next: answer.nextToken }
      }),
    roles: (accountId: string, from: string | undefined) =>
      translated(`list the roles of ${accountId}`, async () => {
        const command = new ListAccountRolesCommand({ ...input(from), accountId })
        const answer = await client.send(command, options)
        const items = (answer.roleList ?? []).flatMap(({ roleName }) => (roleName ? [roleName] : []))
        return { items, next: answer.nextToken }
      }),
  }
}

function accountOf({ accountId: id = '', accountName: name = '' }: AccountInfo): Account {
  return { id, name }
}

/** GetRoleCredentials. CredentialRejected where the portal no longer takes the token, AccessDenied without the role. */
export async function roleCredentialsRequest(
  at: SsoPortal,
  role: { roleName: string; accountId: string },
): Promise<AwsCredential> {
  const input = { ...role, accessToken: at.token.accessToken.reveal() }
  const output = await translated(`give credentials of ${role.roleName} in ${role.accountId}`, () =>
    withClient(clientFor(at), (sso) =>
      sso.send(new GetRoleCredentialsCommand(input), { abortSignal: at.signal }),
    ),
  )
  return processRoleCredentials(output, role.accountId)
}

export function processRoleCredentials(
  output: GetRoleCredentialsCommandOutput,
  accountId: string,
): AwsCredential {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = output.roleCredentials ?? {}
  if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) {
    throw new AuthError('UpstreamUnavailable', 'AWS answered GetRoleCredentials with nothing usable.')
  }
  return {
    type: 'aws',
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: new Secret(sessionToken),
    expiresAt: expiration, // epoch milliseconds, unlike everywhere else in AWS
    accountId,
  }
}

/** Logout: the portal forgets the access token. */
export async function portalLogoutRequest(at: SsoPortal): Promise<void> {
  const command = new LogoutCommand({ accessToken: at.token.accessToken.reveal() })
  await translated('sign out', () =>
    withClient(clientFor(at), (sso) => sso.send(command, { abortSignal: at.signal })),
  )
}
