import type { Command } from '../command.ts'
import { applyNamed } from '../integrations/command.ts'
import { registryOptions } from './registry-login.ts'

const { static: fixed, force, ...named } = registryOptions

export const ecrLogin: Command = {
  summary: 'Let Docker sign in to ECR registries',
  usage: '[INTEGRATION] [-i NAME] [--registry URL] [--static] [--force]',
  options: {
    ...named,
    public: { type: 'boolean', help: 'the registry public.ecr.aws' },
    static: fixed,
    force,
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
