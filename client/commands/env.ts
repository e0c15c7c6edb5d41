import { type Command, chosenFormat, formatOption, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { environmentOf } from '../environment.ts'
import { obtainGrant } from '../grant.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'
import { variableFormats, variables } from '../render/variables.ts'

export const env: Command = {
  summary: 'Print the variables that give a tool its credentials',
  usage: '[-i NAME] [--format bash|json|dotenv]',
  options: { ...identityOption, ...formatOption(variableFormats) },
  async run(here, given) {
    const format = chosenFormat(given, variableFormats)
    const daemon = daemonOf(here)
    const chosen = await chosenIdentity(here, daemon, given.text('identity'))
    // Switched off, the credentials of the environment are left as they are: there is nothing to set.
    if (chosen === SWITCHED_OFF) {
      if (format === 'json') here.out('{}\n')
      return 0
    }
    const grant = await obtainGrant(here, daemon, chosen)
    here.out(variables(environmentOf(grant, here.env), format))
    return 0
  },
}
