import * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { gcpSpec, projectId, region, scopes, serviceAccount } from '../../fields/gcp.ts'
import { endpoint, secret } from '../../fields.ts'
import { notYet } from '../../not-yet.ts'

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

/** The token of another issuer, exchanged for one of Google. */
export default defineProvider<z.infer<typeof config>, 'gcp-token'>({
  yields: 'gcp-token',
  config,
  interactive: false,
  login: notYet('gcp/workload-identity-federation'),
  lifetime: 'Google decides how long its access tokens last.',
})
