import { type Command, identityOption } from '../command.ts'
import { applyNamed } from '../integrations/command.ts'

/** Of the registries of any cloud. */
export const registryOptions = {
  ...identityOption,
  registry: {
    type: 'string',
    short: 'r',
    multiple: true,
    value: 'URL',
    help: 'this registry; may be repeated',
  },
  static: { type: 'boolean', help: 'write the token itself, for tools without helpers' },
  force: { type: 'boolean', help: 'replace what another tool entered' },
} as const

export const registryLogin: Command = {
  summary: 'Let Docker sign in to registries of Azure and Google Cloud',
  usage: '[INTEGRATION] [-i NAME] [--registry URL] [--static] [--force]',
  options: registryOptions,
  examples: ['', 'dev/acr', '-i prod-project --registry europe-docker.pkg.dev'],
  words: 'integration',
  run: (here, given) =>
    applyNamed(here, given, 'registry-login', {
      type: 'docker',
      registries: [...given.list('registry')],
      static: given.flag('static'),
      force: given.flag('force'),
    }),
}
