import * as z from 'zod'
import { defineIdentity } from '../../contract.ts'
import { accountId, awsSpec, duration, region, resolver } from '../../fields.ts'
import { notYet } from '../../not-yet.ts'

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

/** The root user of a member account, for one of five tasks, by AssumeRoot. */
export default defineIdentity<z.infer<typeof config>, 'aws', 'aws'>({
  accepts: ['aws'],
  yields: 'aws',
  config,
  assume: notYet('aws/assume-root'),
  principal: ({ principal }) =>
    `root of ${principal.target_principal}, ${principal.task_policy_arn.slice(POLICIES.length)}`,
  noConsole: 'AWS lets no session of AssumeRoot into its console.',
  lifetime: 'Set principal.duration, at most 15m.',
})
