/** Options whose values are names of AWS: what cannot be one is said before anybody is asked. */
import { AWS_REGION, EKS_CLUSTER, ROLE_ARN } from '../shared/aws-names.ts'
import { AuthError } from '../shared/errors.ts'
import type { Given } from './option.ts'

const cluster = [EKS_CLUSTER, 'no name of a cluster', 'It has letters, digits, - and _.'] as const
const shapes = {
  name: cluster,
  'cluster-name': cluster,
  region: [AWS_REGION, 'no region', 'One is us-east-1.'],
  'role-arn': [ROLE_ARN, 'no ARN of a role', 'One is arn:aws:iam::123456789012:role/Name.'],
} as const

/** Usage where one of these options was given something else. */
export function checkAwsNames({ text }: Given): void {
  for (const [option, [pattern, what, hint]] of Object.entries(shapes)) {
    const value = text(option)
    if (value !== undefined && !pattern.test(value))
      throw new AuthError('Usage', `--${option}: "${value}" is ${what}.`, { hint })
  }
}
