import * as z from 'zod'
import { AuthError } from '../../../../shared/errors.ts'
import { codeLogin } from '../../../upstream/sso-code-flow.ts'
import { deviceLogin } from '../../../upstream/sso-device-flow.ts'
import { processToken, type SsoOidc, tokenRequest } from '../../../upstream/sso-oidc.ts'
import { assignmentsOf, portalLogoutRequest } from '../../../upstream/sso-portal.ts'
import { type Context, defineProvider } from '../../contract.ts'
import { awsSpec, region } from '../../fields.ts'

/** Each half of a pattern may have `*` for any text and `?` for one character. */
const patterns = z.array(z.string().min(1).max(200))

const provisioning = z
  .strictObject({
    include: patterns
      .optional()
      .describe('Patterns of `account/role`, such as `prod-*/ReadOnly`; all without it'),
    exclude: patterns.optional().describe('Patterns of `account/role` to leave out'),
  })
  .describe('Which accounts and permission sets become identities')

const config = z
  .strictObject({
    start_url: z
      .url({
        protocol: /^https?$/,
        error: ({ input }) => (input === undefined ? undefined : 'must be the address of the access portal'),
      })
      .describe('Address of the access portal'),
    region: region.describe('Region of IAM Identity Center'),
    auto_provision_identities: z
      .boolean()
      .optional()
      .describe('Whether accounts and permission sets become identities by themselves'),
    flow: z
      .enum(['device', 'code'])
      .default('device')
      .describe('`device` shows a code; `code` sends the browser back to this machine (PKCE)'),
    spec: awsSpec.extend({ provisioning: provisioning.optional() }).optional(),
  })
  .describe('Sign-in at an access portal of IAM Identity Center')
type Config = z.infer<typeof config>

/** Sign-in at an IAM Identity Center portal: device code or authorization code, renewed by refresh token. */
export default defineProvider<Config, 'aws-sso-token'>({
  yields: 'aws-sso-token',
  config,
  interactive: true,
  login(config, context, held) {
    const at = service(config, context)
    return config.flow === 'code' ? codeLogin(at, context) : deviceLogin(at, context, held?.client)
  },

  async refresh(config, held, context) {
    const { refreshToken, client } = held
    if (!refreshToken || client.expiresAt <= context.clock.now()) throw over()
    const grant = { grantType: 'refresh_token', refreshToken: refreshToken.reveal() }
    const at = service(config, context)
    const answer = await tokenRequest(at, client, grant)
    if (typeof answer === 'string') throw over()
    return processToken(at, answer, client, context.clock.now(), held)
  },

  async logout(config, held, context) {
    await portalLogoutRequest({
      region: config.region,
      endpoint: context.endpoint('sso'),
      token: held,
      signal: context.signal,
    })
  },

  lifetime: 'The administrator of IAM Identity Center decides how long a sign-in lasts.',

  // A portal knows one session a person, whatever the project: all of them share it.
  sharedBy({ start_url, region, spec }) {
    const { files: _, provisioning: __, ...addresses } = spec ?? {}
    return [start_url.replace(/\/+(?:#\/?)?$/, ''), region, JSON.stringify(addresses)]
  },

  provisions: {
    selecting({ auto_provision_identities: wanted, spec }) {
      const { include = ['*'], exclude = [] } = spec?.provisioning ?? {}
      return wanted ? { include, exclude } : undefined
    },
    source: ({ region }, token, { endpoint, signal }) =>
      assignmentsOf({ region, endpoint: endpoint('sso'), token, signal }),
    kind: 'aws/permission-set',
    entry: (id, name) => ({ principal: { name, account: { id } } }),
  },
})

function service({ region, start_url: startUrl }: Config, { signal, endpoint }: Context): SsoOidc {
  return { region, endpoint: endpoint('sso-oidc'), startUrl, signal }
}

function over(): AuthError {
  return new AuthError('LoginRequired', 'The sign-in at the portal has ended.')
}
