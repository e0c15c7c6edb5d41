import * as z from 'zod'
import type { AwsSsoToken } from '../../../../shared/credential.ts'
import { AuthError } from '../../../../shared/errors.ts'
import { accountsRequest, roleCredentialsRequest, type SsoPortal } from '../../../upstream/sso-portal.ts'
import { type Context, defineIdentity } from '../../contract.ts'
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
    const accountId = await accountIdOf(config.principal.account, at)
    return roleCredentialsRequest(at, { roleName: config.principal.name, accountId })
  },
  principal: ({ principal: { name, account } }) => `${name} in ${account.name ?? account.id}`,
  lifetime: 'The session duration of the permission set decides, from 1h to 12h.',
})

function portal(token: AwsSsoToken, { endpoint, signal }: Context): SsoPortal {
  return { region: token.region, endpoint: endpoint('sso'), token, signal }
}

/** The id, or the id of the one account with that name on any page of the portal's list. */
async function accountIdOf(account: Config['principal']['account'], at: SsoPortal): Promise<string> {
  if (account.id) return account.id
  const accounts = await accountsRequest(at)
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
