import * as z from 'zod'
import { assumeRoleRequest } from '../../../upstream/sts.ts'
import { type Complaint, defineIdentity, type Link } from '../../contract.ts'
import { awsSpec, duration, region, resolver } from '../../fields.ts'
import { notYet } from '../../not-yet.ts'

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/
/** IAM User Guide, role chaining. */
const CHAINED_SECONDS = 3_600

const config = z
  .strictObject({
    principal: z.strictObject({
      assume_role: z
        .string()
        .regex(ROLE_ARN, 'must be a role ARN such as arn:aws:iam::123456789012:role/Name')
        .describe('ARN of the role'),
      session_name: z.string().min(1).optional().describe('What CloudTrail calls the session'),
      external_id: z.string().min(2).max(1224).optional(),
      duration: duration(900, 43_200, 'from 15m to 12h').optional(),
      region: region.optional(),
    }),
    session: z.strictObject({ duration: duration(900, 43_200, 'from 15m to 12h').optional() }).optional(),
    credentials: resolver.optional(),
    spec: awsSpec.optional(),
  })
  .describe('An AWS role')
type Config = z.infer<typeof config>

const afterSaml = notYet('aws/assume-role after aws/saml')
const afterOidc = notYet('aws/assume-role after github/oidc')

/** A role, from the AWS session of its parent, by AssumeRole. */
export default defineIdentity<Config, 'aws' | 'saml-assertion' | 'oidc-token', 'aws'>({
  accepts: ['aws', 'saml-assertion', 'oidc-token'],
  yields: 'aws',
  isRole: true,
  config,
  async assume(config, parent, { region, endpoint, signal }) {
    if (parent.type === 'saml-assertion') return afterSaml()
    if (parent.type === 'oidc-token') return afterOidc()
    const { principal } = config
    const seconds = wantedSeconds(config)
    return assumeRoleRequest(
      { region, endpoint: endpoint('sts'), keys: parent, signal },
      {
        RoleArn: principal.assume_role,
        RoleSessionName: sessionName(principal.session_name ?? 'atmosd'),
        ...(principal.external_id === undefined ? {} : { ExternalId: principal.external_id }),
        ...(seconds === undefined ? {} : { DurationSeconds: seconds }),
      },
    )
  },
  principal: ({ principal }) => principal.assume_role,
  check: (config, chain) => [...twoDurations(config, chain), ...tooLongForAChain(config, chain)],
})

/** STS takes 2 to 64 of these characters (API reference, AssumeRole, RoleSessionName). */
export function sessionName(wanted: string): string {
  return wanted
    .replace(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-')
}

function wantedSeconds({ principal, session }: Config): number | undefined {
  return principal.duration ?? session?.duration
}

function twoDurations({ principal, session }: Config, chain: readonly Link[]): Complaint[] {
  const [one, other] = [principal.duration, session?.duration]
  if (one === undefined || other === undefined || one === other) return []
  const message = `Identity "${chain.at(-1)?.name}" asks for two durations; principal.duration is taken.`
  return [{ path: ['session', 'duration'], message, hint: 'Remove session.duration.', severity: 'warning' }]
}

function tooLongForAChain(config: Config, chain: readonly Link[]): Complaint[] {
  const seconds = wantedSeconds(config) ?? 0
  if (seconds <= CHAINED_SECONDS || !chain.at(-2)?.isRole) return []
  const names = chain.map(({ name }) => name).join(' → ')
  return [
    {
      path: [config.principal.duration === undefined ? 'session' : 'principal', 'duration'],
      message: `A role that is assumed from a role lasts 1h at most: ${names}.`,
      hint: 'Ask for 1h or less; atmosd renews it while it is used.',
    },
  ]
}
