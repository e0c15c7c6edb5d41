import { type Command, chosenFormat, formatOption, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { chosenIdentity, SWITCHED_OFF, withIdentity } from '../identity.ts'
import { whoamiJson, whoamiText } from '../render/session.ts'
import { painter } from '../style.ts'

const formats = ['text', 'json'] as const

export const whoami: Command = {
  summary: 'Show who the credentials are, and until when',
  usage: '[-i NAME] [--format text|json]',
  options: { ...identityOption, ...formatOption(formats) },
  examples: ['', '-i prod-admin', '--format json'],
  async run(here, given) {
    const format = chosenFormat(given, formats)
    // A selector comes where one is asked for by a bare -i; beyond that whoami asks nothing.
    const quiet = { ...here, interactive: false }
    const chosen = await chosenIdentity(here, daemonOf(here), given.text('identity'))
    if (chosen === SWITCHED_OFF) {
      here.err('atmosd is switched off for this command.\n')
      return 0
    }
    const reply = await withIdentity(quiet, chosen, (now) => daemonOf(quiet).whoami(now))
    here.out(format === 'json' ? whoamiJson(reply) : whoamiText(reply, here.now(), painter(here.color)))
    return reply.valid ? 0 : 1
  },
}
