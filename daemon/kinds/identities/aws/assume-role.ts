import * as z from 'zod'
import { ROLE_ARN } from '../../../../shared/aws-names.ts'
import type { AwsCredential, OidcToken, SamlAssertion } from '../../../../shared/credential.ts'
import { hinting } from '../../../upstream/aws-faults.ts'
import { roleOffered } from '../../../upstream/saml-roles.ts'
import { assumeRoleRequest } from '../../../upstream/sts.ts'
import { samlRequest, type UnsignedSts, webIdentityRequest } from '../../../upstream/sts-federation.ts'
import { type Complaint, defineIdentity, type Link } from '../../contract.ts'
import { awsSpec, duration, region, resolver } from '../../fields.ts'

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

/**
 * A role, from its parent's AWS session by AssumeRole, or at the root of the chain from what a provider gives: a
 * token by AssumeRoleWithWebIdentity, an assertion by AssumeRoleWithSAML.
 */
export default defineIdentity<Config, 'aws' | 'saml-assertion' | 'oidc-token', 'aws'>({
  accepts: ['aws', 'saml-assertion', 'oidc-token'],
  yields: 'aws',
  isRole: true,
  config,
  async assume(config, parent, { region, endpoint, signal }) {
    const at = { region, endpoint: endpoint('sts'), signal }
    if (parent.type === 'oidc-token') return byToken(at, config, parent)
    if (parent.type === 'saml-assertion') return byAssertion(at, config, parent)
    const { external_id: ExternalId } = config.principal
    const input = { ...wanted(config), ...named(config), ...(ExternalId === undefined ? {} : { ExternalId }) }
    return assumeRoleRequest({ ...at, keys: parent }, input)
  },
  principal: ({ principal }) => principal.assume_role,
  check: (config, chain) => [
    ...twoDurations(config, chain),
    ...tooLongForAChain(config, chain),
    ...unheard(config, chain),
  ],
})

function byToken(at: UnsignedSts, config: Config, { token, audience }: OidcToken): Promise<AwsCredential> {
  const input = { ...wanted(config), ...named(config), WebIdentityToken: token.reveal() }
  return webIdentityRequest(at, input).catch(
    hinting({
      AccessDenied: 'Its trust policy has to allow the `sub` of this workload.',
      UpstreamInvalid: `The OIDC provider in IAM has to list ${audience}; see spec.audience.`,
    }),
  )
}

async function byAssertion(
  at: UnsignedSts,
  config: Config,
  { assertion, sessionSeconds }: SamlAssertion,
): Promise<AwsCredential> {
  const { principal } = roleOffered(assertion, config.principal.assume_role)
  const input = {
    ...wanted(config, sessionSeconds),
    PrincipalArn: principal,
    SAMLAssertion: assertion.reveal(),
  }
  return samlRequest(at, input).catch(hinting(SAML_HINTS))
}

const SAML_HINTS = {
  AccessDenied: 'Its trust policy has to allow sts:AssumeRoleWithSAML.',
  UpstreamInvalid: 'Where it is the duration, ask for less, or raise the maximum of the role.',
}

/** The identity's own duration, else what the provider says of its first role. */
function wanted(config: Config, usual?: number) {
  const seconds = wantedSeconds(config) ?? usual
  const duration = seconds === undefined ? {} : { DurationSeconds: seconds }
  return { RoleArn: config.principal.assume_role, ...duration }
}

function named({ principal }: Config) {
  return { RoleSessionName: sessionName(principal.session_name ?? 'atmosd') }
}

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

const UNHEARD = [
  [
    'external_id',
    ['saml-assertion', 'oidc-token'],
    'Only a role that is assumed from AWS credentials has one.',
  ],
  ['session_name', ['saml-assertion'], 'The identity provider names the session.'],
] as const

/** What AssumeRole alone takes, or what the identity provider says in its place. */
function unheard({ principal }: Config, chain: readonly Link[]): Complaint[] {
  const parent = chain.at(-2)?.yields
  return UNHEARD.filter(
    ([name, parents]) => principal[name] !== undefined && parents.some((one) => one === parent),
  ).map(([name, , hint]) => ({
    path: ['principal', name],
    severity: 'warning',
    message: `principal.${name} of "${chain.at(-1)?.name}" has no effect after ${parent}.`,
    hint,
  }))
}
