import { type Command, identityOption } from '../command.ts'
import { applyNamed } from '../integrations/command.ts'

export const updateKubeconfig: Command = {
  summary: 'Let kubectl into EKS clusters',
  usage: '[INTEGRATION] [-i NAME] [--use] [--force]',
  options: {
    ...identityOption,
    use: { type: 'boolean', help: 'make it the context that kubectl uses' },
    force: { type: 'boolean', help: 'replace what another tool entered' },
  },
  examples: ['', 'dev/eks --use', '-i prod-admin'],
  words: 'integration',
  run: (here, given) =>
    applyNamed(here, given, 'update-kubeconfig', {
      type: 'kubeconfig',
      use: given.flag('use'),
      force: given.flag('force'),
    }),
}
