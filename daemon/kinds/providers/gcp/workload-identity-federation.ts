import * as z from 'zod'
import type { GcpToken } from '../../../../shared/credential.ts'
import { AuthError } from '../../../../shared/errors.ts'
import { accessTokenRequest, idTokenRequest } from '../../../upstream/google-iam-credentials.ts'
import { exchangeRequest, JWT_TYPE } from '../../../upstream/google-sts.ts'
import { CLOUD_PLATFORM } from '../../../upstream/google-token.ts'
import { sourceVariables, workloadToken } from '../../../upstream/google-token-source.ts'
import { type Context, defineProvider } from '../../contract.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { gcpSpec, projectId, region, scopes, serviceAccount } from '../../fields/gcp.ts'
import { endpoint, secret } from '../../fields.ts'

const projectNumber = z
  .union([z.string(), z.int().transform(String)])
  .pipe(z.string().regex(/^\d{1,20}$/, 'must be the number of a project, which is not its id'))
  .describe('Number of the project with the pool')

/** Both begin with a letter and never with `gcp-`, which is Google's own. */
const poolPart = z
  .string()
  .regex(/^(?!gcp-)[a-z0-9-]{4,32}$/, 'must be 4 to 32 of a-z, 0-9 and -, and not begin with gcp-')

const filled = z.string().min(1).optional()

const tokenSource = z
  .strictObject({
    type: z.enum(['', 'environment', 'file', 'url']).optional().describe('environment unless given'),
    environment_variable: filled.describe('Variable with the token'),
    file_path: filled.describe('File with the token'),
    url: endpoint.optional().describe('Address that gives the token'),
    request_token: secret.optional().describe('What the address is asked with'),
    audience: filled.describe('Whom the token is for; the pool unless given'),
    allowed_hosts: z.array(z.string().min(1)).optional().describe('Hosts that the address may have'),
  })
  .superRefine((given, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    const { url, allowed_hosts } = given
    const type = given.type || 'environment'
    if (type === 'file' && given.file_path === undefined) complain('file_path', 'is missing')
    if (type === 'environment' && given.environment_variable === undefined)
      complain('environment_variable', 'is missing')
    const host = url && URL.parse(url)?.hostname
    if (host && allowed_hosts && !allowed_hosts.includes(host))
      complain('url', `is at ${host}, which is not one of allowed_hosts`)
  })

const config = eitherPlace(
  {
    project_id: projectId.optional(),
    project_number: projectNumber,
    workload_identity_pool_id: poolPart.describe('Id of the pool'),
    workload_identity_provider_id: poolPart.describe('Id of the provider in the pool'),
    service_account_email: serviceAccount.optional(),
    region: region.optional(),
    scopes: scopes.optional(),
    token_source: tokenSource.optional().describe('Where the token is; found by itself on GitHub Actions'),
  },
  gcpSpec,
  {
    workload_identity_pool: 'workload_identity_pool_id',
    workload_identity_provider: 'workload_identity_provider_id',
  },
).describe('Workload identity federation: the token of another issuer for one of Google')

type Config = z.infer<typeof config>

/**
 * The token of another issuer, exchanged for one of Google and, where a service account is named, for one of that
 * account. The workload's token is got anew each time, so it is renewed for as long as its source gives one.
 */
export default defineProvider<Config, 'gcp-token'>({
  yields: 'gcp-token',
  config,
  interactive: false,
  variables: ({ token_source }) => sourceVariables(token_source),
  async login(config, context) {
    const scopes = context.scopes ?? config.scopes ?? [CLOUD_PLATFORM]
    const acting = await actingAs(config, context)
    return acting ? accessTokenRequest(context, acting, { scopes }) : federated(config, context, scopes)
  },
  scoped: true,
  async identify(config, audience, context) {
    const acting = await actingAs(config, context)
    if (acting) return idTokenRequest(context, acting, audience)
    throw new AuthError('BadRequest', 'Google gives no identity token for an audience to a workload.', {
      hint: 'Set service_account_email, and the service account has one.',
    })
  },
  facts: ({
    project_id: project,
    project_number: projectNumber,
    region,
    service_account_email: account,
  }) => ({
    project,
    projectNumber,
    region,
    account,
  }),
  lifetime: 'Google decides how long its access tokens last.',
})

/** A service account does whatever the pool's own token is allowed to do as it, and needs that scope for it. */
async function actingAs(config: Config, context: Context) {
  const { service_account_email: account } = config
  return account && { account, parent: await federated(config, context, [CLOUD_PLATFORM]) }
}

async function federated(config: Config, context: Context, scopes: readonly string[]): Promise<GcpToken> {
  const { project_number, workload_identity_pool_id, workload_identity_provider_id } = config
  const pool = `projects/${project_number}/locations/global/workloadIdentityPools/${workload_identity_pool_id}`
  const audience = `//iam.googleapis.com/${pool}/providers/${workload_identity_provider_id}`
  const token = await workloadToken(config.token_source, `https:${audience}`, context)
  return exchangeRequest(context, audience, { token, type: JWT_TYPE }, scopes)
}
