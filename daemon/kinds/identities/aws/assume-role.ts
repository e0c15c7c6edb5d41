import * as z from 'zod'
import { assumeRoleRequest } from '../../../upstream/sts.ts'
import { defineIdentity } from '../../contract.ts'
import { awsSpec, duration, region } from '../../fields.ts'

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/

const config = z.strictObject({
  principal: z.strictObject({
    assume_role: z.string().regex(ROLE_ARN, 'must be a role ARN such as arn:aws:iam::123456789012:role/Name'),
    session_name: z.string().min(1).optional(),
    external_id: z.string().min(2).max(1224).optional(),
    duration: duration(900, 43_200, 'from 15m to 12h').optional(),
    region: region.optional(),
  }),
  spec: awsSpec.optional(),
})

/** A role, from the AWS session of its parent, by AssumeRole. */
export default defineIdentity<z.infer<typeof config>, 'aws', 'aws'>({
  accepts: ['aws'],
  yields: 'aws',
  config,
  assume: ({ principal }, parent, { region, endpoint, signal }) =>
    assumeRoleRequest(
      { region, endpoint: endpoint('sts'), keys: parent, signal },
      {
        RoleArn: principal.assume_role,
        RoleSessionName: sessionName(principal.session_name ?? 'atmosd'),
        ...(principal.external_id === undefined ? {} : { ExternalId: principal.external_id }),
        ...(principal.duration === undefined ? {} : { DurationSeconds: principal.duration }),
      },
    ),
  principal: ({ principal }) => principal.assume_role,
})

/** STS takes 2 to 64 of these characters (API reference, AssumeRole, RoleSessionName). */
export function sessionName(wanted: string): string {
  return wanted
    .replace(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-')
}
