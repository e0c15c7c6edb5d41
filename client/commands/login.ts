import { AuthError } from '../../shared/errors.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { chosenIdentity, SWITCHED_OFF, saySwitchedOff, withIdentity } from '../identity.ts'
import { applyAfterLogin } from '../integrations/after-login.ts'
import { sessionFacts } from '../render/session.ts'
import { signIn } from '../signin.ts'
import { painter } from '../style.ts'

export const login: Command = {
  summary: 'Sign in',
  usage: '[-i NAME | --provider NAME] [--no-browser]',
  options: {
    ...identityOption,
    provider: {
      type: 'string',
      short: 'p',
      value: 'NAME',
      values: 'provider',
      help: 'sign in to a provider alone',
    },
    'no-browser': { type: 'boolean', help: 'open no browser, only show the address' },
  },
  examples: ['', '-i prod-admin', '--provider company-sso --no-browser'],
  async run(here, given) {
    const daemon = daemonOf(here)
    const provider = given.text('provider')
    if (provider !== undefined && (given.text('identity') !== undefined || here.tags?.length))
      throw new AuthError('Usage', 'login takes an identity or a provider, not both.')
    const chosen = provider === undefined ? await chosenIdentity(here, daemon, given.text('identity')) : {}
    if (chosen === SWITCHED_OFF) return saySwitchedOff(here)
    const options = { browser: !given.flag('no-browser') }
    const target = provider === undefined ? {} : { provider }
    const session = await withIdentity(here, chosen, (now) =>
      signIn(here, daemon, { ...now, ...target }, options),
    )
    const paint = painter(here.color)
    here.err(`${paint('green', '✓')} Signed in\n\n${sessionFacts(session, here.now(), paint)}`)
    await applyAfterLogin(here, daemon, session)
    return 0
  },
}
