import { AuthError } from '../../shared/errors.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { chosenIdentity, SWITCHED_OFF, withIdentity } from '../identity.ts'
import { painter } from '../style.ts'

export const logout: Command = {
  summary: 'Drop credentials',
  usage: '[NAME | --provider NAME | --all]',
  options: {
    ...identityOption,
    provider: {
      type: 'string',
      short: 'p',
      value: 'NAME',
      help: 'end the sign-in to a provider and all that came from it',
    },
    all: { type: 'boolean', help: 'everything of this configuration' },
  },
  async run(here, given) {
    const [name, ...more] = given.words
    const provider = given.text('provider')
    const all = given.flag('all')
    const ways = [name ?? given.text('identity'), provider, all || undefined].filter(
      (way) => way !== undefined,
    )
    if (more.length > 0 || ways.length > 1) {
      throw new AuthError('Usage', 'logout takes one identity, or --provider, or --all.')
    }
    const daemon = daemonOf(here)
    const wide = provider !== undefined || all
    const chosen = wide ? {} : await chosenIdentity(here, daemon, name ?? given.text('identity'))
    if (chosen === SWITCHED_OFF) return 0
    const reply = await withIdentity(here, chosen, (now) =>
      daemon.logout({ ...now, all, ...(provider === undefined ? {} : { provider }) }),
    )
    const done = `${count(reply.sessions, 'session')} dropped, ${count(reply.grants, 'grant')} revoked`
    here.err(`${painter(here.color)('green', '✓')} Logged out: ${done}.\n`)
    return 0
  },
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
