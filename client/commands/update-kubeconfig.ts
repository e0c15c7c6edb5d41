import { AuthError } from '../../shared/errors.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { chosenIdentity, SWITCHED_OFF, withIdentity } from '../identity.ts'

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
  async run(here, given) {
    const [integration, ...more] = given.words
    if (more.length > 0) throw new AuthError('Usage', 'update-kubeconfig takes one integration.')
    const daemon = daemonOf(here)
    // An integration says itself whose it is; ATMOS_IDENTITY says who tools are.
    const flag = given.text('identity')
    const chosen =
      integration !== undefined && flag === undefined ? {} : await chosenIdentity(here, daemon, flag)
    if (chosen === SWITCHED_OFF) {
      here.err('atmosd is switched off for this command; nothing was done.\n')
      return 0
    }
    const wanted = {
      type: 'kubeconfig' as const,
      ...(integration === undefined ? {} : { integration }),
      use: given.flag('use'),
      force: given.flag('force'),
    }
    const { applyWanted } = await import('../integrations/apply.ts')
    await withIdentity(here, chosen, (now) => applyWanted(here, daemon, { ...now, ...wanted }))
    return 0
  },
}
