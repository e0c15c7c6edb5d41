import { AuthError } from '../../shared/errors.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { chosenIdentity, SWITCHED_OFF, withIdentity } from '../identity.ts'

export const ecrLogin: Command = {
  summary: 'Let Docker sign in to ECR registries',
  usage: '[INTEGRATION] [-i NAME] [--registry URL] [--static] [--force]',
  options: {
    ...identityOption,
    registry: {
      type: 'string',
      short: 'r',
      multiple: true,
      value: 'URL',
      help: 'this registry; may be repeated',
    },
    public: { type: 'boolean', help: 'the registry public.ecr.aws' },
    static: { type: 'boolean', help: 'write the token itself, for tools without helpers' },
    force: { type: 'boolean', help: 'replace what another tool entered' },
  },
  examples: [
    '',
    'dev/ecr',
    '-i prod-admin',
    '--registry 123456789012.dkr.ecr.us-east-1.amazonaws.com',
    '--public',
  ],
  words: 'integration',
  async run(here, given) {
    const [integration, ...more] = given.words
    if (more.length > 0) throw new AuthError('Usage', 'ecr-login takes one integration.')
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
      ...(integration === undefined ? {} : { integration }),
      registries: [...given.list('registry'), ...(given.flag('public') ? ['public.ecr.aws'] : [])],
      static: given.flag('static'),
      force: given.flag('force'),
    }
    const { applyWanted } = await import('../docker/apply.ts')
    await withIdentity(here, chosen, (now) => applyWanted(here, daemon, { ...now, ...wanted }))
    return 0
  },
}
