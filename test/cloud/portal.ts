/** The SSO portal: accounts, roles, and credentials of a role for the bearer of an access token. */
import { type Account, issueKeys, type State } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

export function getRoleCredentials(state: State, asked: Asked): Reply {
  authenticate(state, asked)
  const roleName = required(asked, 'role_name')
  const accountId = required(asked, 'account_id')
  const account = state.accounts.find(({ id }) => id === accountId)
  if (!account?.roles.includes(roleName)) throw new Refused(403, 'ForbiddenException', 'No access')
  const arn = `arn:aws:sts::${accountId}:assumed-role/AWSReservedSSO_${roleName}_0123456789abcdef/sandbox`
  const owner = { account: accountId, arn, chained: false }
  const { expiresAt, ...keys } = issueKeys(state, owner, state.lifetimes.roleCredentialsSeconds)
  return jsonReply({ roleCredentials: { ...keys, expiration: expiresAt } })
}

export function listAccounts(state: State, asked: Asked): Reply {
  authenticate(state, asked)
  const { items, nextToken } = page(state, asked, state.accounts)
  const accountList = items.map(({ id, name }: Account) => ({
    accountId: id,
    accountName: name,
    emailAddress: `${name}@example.com`,
  }))
  return jsonReply({ accountList, ...(nextToken ? { nextToken } : {}) })
}

export function listAccountRoles(state: State, asked: Asked): Reply {
  authenticate(state, asked)
  const accountId = required(asked, 'account_id')
  const account = state.accounts.find(({ id }) => id === accountId)
  if (!account) throw new Refused(404, 'ResourceNotFoundException', 'No such account')
  const { items, nextToken } = page(state, asked, account.roles)
  const roleList = items.map((roleName) => ({ roleName, accountId }))
  return jsonReply({ roleList, ...(nextToken ? { nextToken } : {}) })
}

export function portalLogout(state: State, asked: Asked): Reply {
  state.accessTokens.delete(authenticate(state, asked))
  return jsonReply({})
}

function authenticate(state: State, { headers }: Asked): string {
  const token = headers['x-amz-sso_bearer_token'] ?? ''
  const expiresAt = state.accessTokens.get(token)
  if (expiresAt !== undefined && state.now() < expiresAt) return token
  throw new Refused(401, 'UnauthorizedException', 'Session token not found or invalid')
}

function required({ query }: Asked, name: string): string {
  const value = query.get(name)
  if (value) return value
  throw new Refused(400, 'InvalidRequestException', `${name} is missing`)
}

function page<T>(
  state: State,
  { query }: Asked,
  all: readonly T[],
): { items: T[]; nextToken: string | undefined } {
  const start = Number(query.get('next_token') ?? 0)
  const size = Math.min(Number(query.get('max_result') ?? state.pageSize), state.pageSize)
  const end = start + size
  return { items: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined }
}
