import { type Command, identityOption } from '../command.ts'
import { obtainClusterToken } from '../grant.ts'
import { printClusterToken } from '../kube/cluster-token.ts'

export const aksToken: Command = {
  summary: 'Print a token for an AKS cluster, as kubectl asks for it',
  usage: '[--server-id ID] [-i NAME]',
  options: {
    ...identityOption,
    'server-id': {
      type: 'string',
      value: 'ID',
      help: 'the application that it is behind; usually AKS itself',
    },
  },
  examples: ['-i dev-subscription'],
  run(here, given) {
    const audience = given.text('server-id')
    const request = audience === undefined ? {} : { audience }
    return printClusterToken(here, given, 'aks-token', (...to) => obtainClusterToken(...to, request))
  },
}
