import { type Command, chosenFormat, formatOption, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { chosenIdentity, SWITCHED_OFF, withIdentity } from '../identity.ts'
import { sessionFacts, sessionJson } from '../render/session.ts'
import { painter } from '../style.ts'

const formats = ['text', 'json'] as const

export const whoami: Command = {
  summary: 'Show who the credentials are, and until when',
  usage: '[-i NAME] [--format text|json]',
  options: { ...identityOption, ...formatOption(formats) },
  async run(here, given) {
    const format = chosenFormat(given, formats)
    const daemon = daemonOf(here)
    const chosen = await chosenIdentity(here, daemon, given.text('identity'))
    if (chosen === SWITCHED_OFF) {
      here.err('atmosd is switched off for this command.\n')
      return 0
    }
    const reply = await withIdentity(here, chosen, (now) => daemon.whoami(now))
    here.out(format === 'json' ? sessionJson(reply) : sessionFacts(reply, here.now(), painter(here.color)))
    return 0
  },
}
