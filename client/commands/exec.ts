import { AuthError } from '../../shared/errors.ts'
import { runProgram } from '../child.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { applied, environmentOf } from '../environment.ts'
import { obtainGrant } from '../grant.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'

export const exec: Command = {
  summary: 'Run a program with credentials that stay fresh',
  usage: '[-i NAME] -- PROGRAM [ARGUMENT …]',
  options: identityOption,
  examples: ['-- aws s3 ls', '-i prod-admin -- terraform apply'],
  passesOn: 'words',
  async run(here, given) {
    const [program, ...args] = given.words
    if (program === undefined) {
      throw new AuthError('Usage', 'exec needs a program to run.', {
        hint: 'For example: atmosctl exec -- aws s3 ls',
      })
    }
    return runProgram(here, [program, ...args], await environmentFor(here, given.text('identity')))
  },
}

/** The program's environment; switched off, the one that is there already. */
async function environmentFor(here: Here, flag: string | undefined): Promise<Record<string, string>> {
  const daemon = daemonOf(here)
  const chosen = await chosenIdentity(here, daemon, flag)
  if (chosen === SWITCHED_OFF) return applied(here.env, { set: {}, unset: [] })
  return applied(here.env, environmentOf(await obtainGrant(here, daemon, chosen, here.pid), here.env))
}
