import * as z from 'zod'
import type { AwsSsoToken } from '../../../../shared/credential.ts'
import { AuthError, asAuthError } from '../../../../shared/errors.ts'
import { accountsRequest, roleCredentialsRequest, type SsoPortal } from '../../../upstream/sso-portal.ts'
import { type Account, type Context, defineIdentity } from '../../contract.ts'
import { accountId, awsSpec, region, resolver } from '../../fields.ts'

const account = z
  .strictObject({
    id: accountId.optional(),
    name: z.string().min(1).optional().describe('Name of the account, as the portal shows it'),
  })
  .refine((given) => given.id !== undefined || given.name !== undefined, 'needs a name or an id')

const config = z
  .strictObject({
    principal: z.strictObject({
      name: z.string().min(1).describe('Name of the permission set'),
      account,
      region: region.optional(),
    }),
    credentials: resolver.optional(),
    spec: awsSpec.optional(),
  })
  .describe('A permission set of an account')
type Config = z.infer<typeof config>

/** A permission set of an account, through the portal's session. */
export default defineIdentity<Config, 'aws-sso-token', 'aws'>({
  accepts: ['aws-sso-token'],
  yields: 'aws',
  isRole: true,
  config,
  async assume(config, token, context) {
    const at = portal(token, context)
    const { name: roleName, account } = config.principal
    const known = account.id ?? onlyOne((await context.accounts?.get()) ?? [], account.name)
    try {
      if (known) return await roleCredentialsRequest(at, { roleName, accountId: known })
    } catch (error) {
      // The account may have another id by now; one that is configured is meant.
      if (account.id || asAuthError(error).code !== 'AccessDenied') throw error
    }
    const accounts = await accountsRequest(at)
    context.accounts?.keep(accounts)
    return roleCredentialsRequest(at, { roleName, accountId: accountIdOf(account, accounts) })
  },
  principal: ({ principal: { name, account } }) => `${name} in ${account.name ?? account.id}`,
  lifetime: 'The session duration of the permission set decides, from 1h to 12h.',
})

function portal(token: AwsSsoToken, { endpoint, signal }: Context): SsoPortal {
  return { region: token.region, endpoint: endpoint('sso'), token, signal }
}

function onlyOne(accounts: readonly Account[], name: string | undefined): string | undefined {
  const named = accounts.filter((account) => account.name === name)
  return named.length === 1 ? named[0]?.id : undefined
}

/** The id of the one account with that name on any page of the portal's list. */
function accountIdOf(account: Config['principal']['account'], accounts: readonly Account[]): string {
  const named = accounts.filter(({ name }) => name === account.name)
  if (named.length === 1 && named[0]) return named[0].id
  const names = accounts.map(({ name }) => name).sort()
  throw new AuthError(
    'AccessDenied',
    named.length > 1
      ? `${named.length} accounts are named "${account.name}": ${named.map(({ id }) => id).join(', ')}.`
      : `No account named "${account.name}" is assigned to you.`,
    {
      hint:
        named.length > 1 ? 'Set principal.account.id to the one you mean.' : `You have: ${names.join(', ')}.`,
    },
  )
}
