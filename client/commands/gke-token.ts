import { type Command, identityOption } from '../command.ts'
import { obtainClusterToken } from '../grant.ts'
import { printClusterToken } from '../kube/cluster-token.ts'

export const gkeToken: Command = {
  summary: 'Print a token for a GKE cluster, as kubectl asks for it',
  usage: '[-i NAME]',
  options: identityOption,
  examples: ['-i prod-project'],
  run: (here, given) => printClusterToken(here, given, 'gke-token', (...to) => obtainClusterToken(...to, {})),
}
