import { AuthError } from '../../shared/errors.ts'
import { runProgram } from '../child.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { applied } from '../environment/change.ts'
import { environmentOf } from '../environment/environment.ts'
import { writeFiles } from '../environment/files.ts'
import { obtainEndpoint, obtainGrant } from '../grant.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'
import type { Given } from '../option.ts'

export const exec: Command = {
  summary: 'Run a program with credentials that stay fresh',
  usage: '[-i NAME] [--imds] -- PROGRAM [ARGUMENT …]',
  options: {
    ...identityOption,
    imds: { type: 'boolean', help: 'by a metadata service, for tools that ask nothing else' },
  },
  examples: ['-- aws s3 ls', '-i prod-admin -- terraform apply', '--imds -- ./old-tool'],
  passesOn: 'words',
  async run(here, given) {
    const [program, ...args] = given.words
    if (program === undefined) {
      throw new AuthError('Usage', 'exec needs a program to run.', {
        hint: 'For example: atmosctl exec -- aws s3 ls',
      })
    }
    return runProgram(here, [program, ...args], await environmentFor(here, given, program))
  },
}

/** The program's environment; switched off, the one that is there already. */
async function environmentFor(here: Here, given: Given, program: string): Promise<Record<string, string>> {
  const daemon = daemonOf(here)
  const chosen = await chosenIdentity(here, daemon, given.text('identity'))
  if (chosen === SWITCHED_OFF) return applied(here.env, { set: {}, unset: [] })
  const holder = here.pid
  const grant = await (given.flag('imds')
    ? obtainEndpoint(here, daemon, chosen, { dialect: 'aws-imds', holder })
    : obtainGrant(here, daemon, chosen, holder))
  const change = environmentOf(grant, here.env, program)
  writeFiles(change)
  return applied(here.env, change)
}
