import * as z from 'zod'
import { AuthError } from '../../../../shared/errors.ts'
import { hinting } from '../../../upstream/aws-faults.ts'
import { assumeRootRequest } from '../../../upstream/sts.ts'
import { defineIdentity } from '../../contract.ts'
import { accountId, awsSpec, duration, region, resolver } from '../../fields.ts'

const POLICIES = 'arn:aws:iam::aws:policy/root-task/'
const NAMES = [
  'IAMAuditRootUserCredentials',
  'IAMCreateRootUserPassword',
  'IAMDeleteRootUserCredentials',
  'S3UnlockBucketPolicy',
  'SQSUnlockQueuePolicy',
]

/** AWS has these five and takes no others (IAM User Guide, privileged tasks on member accounts). */
const taskPolicy = z.enum(
  NAMES.map((name) => `${POLICIES}${name}`),
  {
    error: ({ input }) =>
      input === undefined ? undefined : `must be ${POLICIES} followed by one of ${NAMES.join(', ')}`,
  },
)

const config = z
  .strictObject({
    principal: z.strictObject({
      target_principal: accountId.describe('Account whose root user is assumed'),
      task_policy_arn: taskPolicy.describe('What the session may do'),
      duration: duration(1, 900, 'from 1s to 15m').optional(),
      region: region.optional(),
    }),
    credentials: resolver.optional(),
    spec: awsSpec.optional(),
  })
  .describe('The root user of a member account, for one task')

type Config = z.infer<typeof config>

/** What AWS takes at most, and what it gives unless asked otherwise. */
const TASK_SECONDS = 900

/**
 * The root user of a member account, for one of five tasks, by AssumeRoot at the region's own address. Nothing
 * prolongs such a session: while it is used a new one follows it.
 */
export default defineIdentity<Config, 'aws', 'aws'>({
  accepts: ['aws'],
  yields: 'aws',
  config,
  async assume({ principal }, parent, { region, endpoint, signal }) {
    const account = principal.target_principal
    const at = { region, endpoint: regional(endpoint('sts')), keys: parent, signal }
    const given = await assumeRootRequest(at, {
      TargetPrincipal: account,
      TaskPolicyArn: { arn: principal.task_policy_arn },
      DurationSeconds: principal.duration ?? TASK_SECONDS,
    }).catch(hinting({ AccessDenied: permission(principal) }))
    return { ...given, accountId: account }
  },
  principal: ({ principal }) => `root of ${principal.target_principal}, ${taskOf(principal)}`,
  noConsole: 'AWS lets no session of AssumeRoot into its console.',
  lifetime: 'Set principal.duration, at most 15m.',
})

function taskOf({ task_policy_arn }: Config['principal']): string {
  return task_policy_arn.slice(POLICIES.length)
}

/** The session of a user's keys may ask STS for roles alone (GetSessionToken, API reference). */
function permission(principal: Config['principal']): string {
  return `A management account's role has to be allowed ${taskOf(principal)}.`
}

/** The global address does not know AssumeRoot. */
function regional(address: string | undefined): string | undefined {
  if (!address || URL.parse(address)?.hostname !== 'sts.amazonaws.com') return address
  throw new AuthError('ConfigInvalid', 'sts.amazonaws.com cannot assume a root user.', {
    hint: 'Remove that address from spec; the region decides then.',
  })
}
