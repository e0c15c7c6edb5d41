import { AuthError } from '../../shared/errors.ts'
import { checkAwsNames } from '../aws-options.ts'
import { type Command, identityOption } from '../command.ts'
import { obtainEksToken } from '../grant.ts'
import { printClusterToken } from '../kube/cluster-token.ts'

export const eksToken: Command = {
  summary: 'Print a token for an EKS cluster, as kubectl asks for it',
  usage: '--cluster-name NAME [--region REGION] [--role-arn ARN] [-i NAME]',
  options: {
    ...identityOption,
    'cluster-name': { type: 'string', value: 'NAME', help: 'the cluster' },
    region: { type: 'string', value: 'REGION', help: "its region; without it, the identity's" },
    'role-arn': { type: 'string', value: 'ARN', help: 'a role to assume from the identity' },
  },
  examples: ['--cluster-name main --region eu-west-1 -i dev-admin'],
  async run(here, given) {
    const cluster = given.text('cluster-name')
    if (!cluster)
      throw new AuthError('Usage', 'eks-token needs the name of a cluster.', {
        hint: 'Give it with --cluster-name.',
      })
    checkAwsNames(given)
    const [region, roleArn] = [given.text('region'), given.text('role-arn')]
    const request = {
      cluster,
      ...(region === undefined ? {} : { region }),
      ...(roleArn === undefined ? {} : { roleArn }),
    }
    return printClusterToken(here, given, 'eks-token', (...to) => obtainEksToken(...to, request))
  },
}
