import { type Command, identityOption } from '../command.ts'
import { applyNamed } from '../integrations/command.ts'

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
  run: (here, given) =>
    applyNamed(here, given, 'ecr-login', {
      type: 'docker',
      registries: [...given.list('registry'), ...(given.flag('public') ? ['public.ecr.aws'] : [])],
      static: given.flag('static'),
      force: given.flag('force'),
    }),
}
