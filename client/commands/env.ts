import { formatDuration, formatInstant } from '../../shared/duration.ts'
import { AuthError } from '../../shared/errors.ts'
import { type Command, chosenFormat, formatOption, identityOption } from '../command.ts'
import { type Daemon, daemonOf } from '../daemon.ts'
import type { Environment } from '../environment/change.ts'
import { environmentOf, secretsIn, staticEnvironmentOf } from '../environment/environment.ts'
import { writeFiles } from '../environment/files.ts'
import { obtainCredential, obtainGrant } from '../grant.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'
import type { Given } from '../option.ts'
import { append, type OutputFile } from '../output-file.ts'
import { type VariableFormat, variableFormats, variables } from '../render/variables.ts'

export const env: Command = {
  summary: 'Print the variables that give a tool its credentials',
  usage: '[-i NAME] [--format FORMAT] [--output FILE] [--static]',
  options: {
    ...identityOption,
    ...formatOption(variableFormats),
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      values: 'file',
      help: 'append to a file, made for you alone',
    },
    static: { type: 'boolean', help: 'the credential itself, for tools that ask no endpoint' },
  },
  examples: [
    '-i dev-admin',
    '--format fish | source',
    '--format dotenv --output .env',
    '--format github',
    '--static --format json',
  ],
  async run(here, given) {
    const format = chosenFormat(given, variableFormats)
    const file = fileFor(here, given, format)
    const daemon = daemonOf(here)
    const chosen = await chosenIdentity(here, daemon, given.text('identity'))
    // Switched off, the credentials of the environment are left as they are: there is nothing to set.
    const change = chosen === SWITCHED_OFF ? undefined : await changeFor(here, daemon, chosen, given)
    if (change && format === 'github') mask(here, change)
    const text = change ? variables(change, format, here.token) : format === 'json' ? '{}\n' : ''
    if (file) append(here, file, text)
    else here.out(text)
    return 0
  },
}

/** GitHub's runner reads a file that it names, and nothing else. */
function fileFor(
  { env: { GITHUB_ENV } }: Here,
  given: Given,
  format: VariableFormat,
): OutputFile | undefined {
  const path = given.text('output')
  if (path !== undefined) return { path, own: true }
  if (format !== 'github') return undefined
  if (GITHUB_ENV) return { path: GITHUB_ENV, own: false }
  throw new AuthError('Usage', 'The format github needs a file, and GITHUB_ENV is not set.', {
    hint: 'Run it in a step of a workflow, or name a file with --output.',
  })
}

/** The runner shows the variables of a step in its log, but for what it was told to mask. */
function mask({ env, out }: Here, change: Environment): void {
  if (env.GITHUB_ACTIONS !== 'true') return
  for (const secret of secretsIn(change)) out(`::add-mask::${secret}\n`)
}

async function changeFor(
  here: Here,
  daemon: Daemon,
  chosen: { identity?: string },
  given: Given,
): Promise<Environment> {
  if (!given.flag('static')) {
    const change = environmentOf(await obtainGrant(here, daemon, chosen), here.env)
    writeFiles(change)
    return change
  }
  const credential = await obtainCredential(here, daemon, chosen)
  const change = staticEnvironmentOf(credential)
  const { expiresAt } = credential
  const until = `${formatInstant(expiresAt)} (${formatDuration(expiresAt - here.now())})`
  here.err(`atmosctl: These credentials are good until ${until}.\n  Nothing renews them.\n`)
  return change
}
