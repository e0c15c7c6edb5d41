import { resolve } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import type { ApplyRequest } from '../../shared/requests.ts'
import { checkAwsNames } from '../aws-options.ts'
import { type Command, identityOption } from '../command.ts'
import type { Here } from '../here.ts'
import { applyNamed } from '../integrations/command.ts'
import type { Given } from '../option.ts'

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const

/** Options are those of `aws eks update-kubeconfig`, where it has them (AWS CLI Command Reference). */
export const updateKubeconfig: Command = {
  summary: 'Let kubectl into clusters of EKS, AKS and GKE',
  usage: '[INTEGRATION | --name CLUSTER [--region REGION]] [-i NAME]',
  options: {
    ...identityOption,
    integration: { ...text('NAME', 'the integration, as INTEGRATION'), values: 'integration' },
    name: text('CLUSTER', 'a cluster of EKS, whether or not the configuration has it'),
    region: text('REGION', "its region; without it, the identity's"),
    alias: text('NAME', "name of the context; without it, the cluster's id"),
    'user-alias': text('NAME', 'name of the user'),
    'role-arn': text('ARN', 'the role that kubectl is to have, assumed from the identity'),
    kubeconfig: { ...text('FILE', 'the file to write'), values: 'file' },
    'dry-run': { type: 'boolean', help: 'print what would be written, and write nothing' },
    use: { type: 'boolean', help: 'make it the context that kubectl uses' },
    force: { type: 'boolean', help: 'replace what another tool entered' },
  },
  examples: ['', 'dev/eks --use', '-i prod-admin', '--name main --region eu-west-1 --alias main'],
  words: 'integration',
  async run(here, given) {
    const named = given.text('integration')
    const words = named === undefined ? given.words : [...given.words, named]
    checkAwsNames(given)
    checkTogether(given, words)
    return applyNamed(here, { ...given, words }, 'update-kubeconfig', {
      type: 'kubeconfig',
      ...clusterOf(given),
      ...entryOf(here, given),
      ...(given.flag('dry-run') ? { dryRun: true } : {}),
      use: given.flag('use'),
      force: given.flag('force'),
    })
  },
}

/** Usage where options say nothing together. */
function checkTogether({ text }: Given, words: readonly string[]): void {
  const isNamed = text('name') !== undefined
  if (isNamed && words.length > 0)
    throw new AuthError('Usage', 'update-kubeconfig takes an integration, or a cluster with --name.')
  if (text('region') !== undefined && !isNamed)
    throw new AuthError('Usage', '--region says where the cluster of --name is.', {
      hint: 'Name a cluster with --name; an integration has its region.',
    })
  const ofOne = ['alias', 'user-alias', 'role-arn'].find((option) => text(option) !== undefined)
  if (ofOne !== undefined && !isNamed && words.length === 0)
    throw new AuthError('Usage', `--${ofOne} is for one cluster, and none is named.`, {
      hint: 'Name an integration, or a cluster with --name.',
    })
}

function clusterOf({ text }: Given): Pick<ApplyRequest, 'cluster'> {
  const [name, region] = [text('name'), text('region')]
  return name === undefined ? {} : { cluster: { name, ...(region === undefined ? {} : { region }) } }
}

function entryOf({ cwd }: Here, { text }: Given): Pick<ApplyRequest, 'entry'> {
  const [file, alias, userAlias, roleArn] = ['kubeconfig', 'alias', 'user-alias', 'role-arn'].map(text)
  const entry = { file: file === undefined ? undefined : resolve(cwd, file), alias, userAlias, roleArn }
  const given = Object.entries(entry).filter(([, value]) => value !== undefined)
  return given.length > 0 ? { entry: Object.fromEntries(given) } : {}
}
