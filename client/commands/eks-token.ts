/** The exec plugin of Kubernetes's clients for EKS: one line of JSON on standard output, and nothing else there. */
import { AuthError, asAuthError } from '../../shared/errors.ts'
import { checkAwsNames } from '../aws-options.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { obtainEksToken } from '../grant.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'
import { execCredential, execInfo } from '../render/exec-credential.ts'
import { saidLately } from '../said-lately.ts'

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
    const info = execInfo(here.env.KUBERNETES_EXEC_INFO)
    const there = { ...here, interactive: here.interactive && info.interactive }
    const daemon = daemonOf(there)
    const chosen = await chosenIdentity(there, daemon, given.text('identity'))
    if (chosen === SWITCHED_OFF)
      throw new AuthError('Usage', 'atmosd is switched off for this command, so there is no token.', {
        hint: 'Name an identity with -i, or unset ATMOS_IDENTITY.',
      })
    const [region, roleArn] = [given.text('region'), given.text('role-arn')]
    const request = {
      cluster,
      ...(region === undefined ? {} : { region }),
      ...(roleArn === undefined ? {} : { roleArn }),
    }
    const reply = await obtainEksToken(there, daemon, chosen, request).catch((error) => brief(there, error))
    here.out(execCredential(info, reply))
    return 0
  },
}

/** kubectl asks four or five times before it gives up; what to do is said once. */
function brief(here: Here, error: unknown): never {
  const failure = asAuthError(error)
  const again = here.env.KUBERNETES_EXEC_INFO !== undefined && saidLately(here, 'eks-token')
  throw again ? new AuthError(failure.code, failure.message, { cause: failure }) : failure
}
