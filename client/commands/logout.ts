import { AuthError } from '../../shared/errors.ts'
import type { RegistryEntry } from '../../shared/integration-replies.ts'
import type { LogoutReply } from '../../shared/replies.ts'
import { type Command, chosenFormat, formatOption, identityOption } from '../command.ts'
import { type Daemon, daemonOf } from '../daemon.ts'
import { confirm } from '../form.ts'
import { type Here, isInteractive } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF, withIdentity } from '../identity.ts'
import type { Given } from '../option.ts'
import { logoutJson, logoutText } from '../render/logout.ts'
import { painter } from '../style.ts'

const formats = ['text', 'json'] as const

export const logout: Command = {
  summary: 'Drop credentials',
  usage: '[NAME | --provider NAME | --all | --all-realms]',
  options: {
    ...identityOption,
    provider: {
      type: 'string',
      short: 'p',
      value: 'NAME',
      values: 'provider',
      help: 'end the sign-in to a provider and all that came from it',
    },
    all: { type: 'boolean', help: 'everything of this configuration' },
    'all-realms': { type: 'boolean', help: 'everything that the daemon holds, keys of users too' },
    force: { type: 'boolean', help: 'do not ask before --all-realms' },
    'dry-run': { type: 'boolean', help: 'list what would go, and change nothing' },
    ...formatOption(formats),
  },
  examples: ['prod-admin', '--provider company-sso', '--all --dry-run', '--all-realms --force'],
  words: 'identity',
  async run(here, given) {
    const format = chosenFormat(given, formats)
    const dryRun = given.flag('dry-run')
    const reply = await work(here, given, dryRun)
    if (reply === SWITCHED_OFF) return 0
    if (!dryRun) await takeOutEntries(here, reply.registries ?? [])
    if (format === 'json') here.out(logoutJson(reply, dryRun))
    else if (dryRun) here.out(logoutText(reply, dryRun, painter(here.color)))
    else here.err(logoutText(reply, dryRun, painter(here.color)))
    return 0
  },
}

/** What was written for Docker goes, and nothing else. A file that cannot be written keeps nobody signed in. */
async function takeOutEntries(here: Here, entries: readonly RegistryEntry[]): Promise<void> {
  if (entries.length === 0) return
  const { leave } = await import('../docker/leave.ts')
  await leave(here, entries)
}

async function work(here: Here, given: Given, dryRun: boolean): Promise<LogoutReply | typeof SWITCHED_OFF> {
  const daemon = daemonOf(here)
  const [name, ...more] = given.words
  const named = name ?? given.text('identity')
  const provider = given.text('provider')
  const all = given.flag('all')
  const everything = given.flag('all-realms')
  const ways = [named !== undefined, provider !== undefined, all, everything].filter(Boolean)
  if (more.length > 0 || ways.length > 1 || (name !== undefined && given.text('identity') !== undefined))
    throw new AuthError('Usage', 'logout takes one identity, or --provider, or --all, or --all-realms.')
  if (everything) return logoutEverything(here, daemon, dryRun, given.flag('force'))
  if (all) return daemon.logout({ all, dryRun })
  if (provider !== undefined) return daemon.logout({ provider, dryRun })
  const chosen = await chosenIdentity(here, daemon, named)
  if (chosen === SWITCHED_OFF) return SWITCHED_OFF
  return withIdentity(here, chosen, (now) => daemon.logout({ ...now, dryRun }))
}

async function logoutEverything(here: Here, daemon: Daemon, dryRun: boolean, force: boolean) {
  if (!dryRun && !force) await ask(here)
  return daemon.logoutAll({ dryRun })
}

async function ask(here: Here): Promise<void> {
  if (!isInteractive(here))
    throw new AuthError('Usage', 'logout --all-realms drops everything, and nobody is here to ask.', {
      hint: 'Look first with --dry-run; then add --force.',
    })
  const sure = await confirm(here, 'Drop everything that the daemon holds, of all realms, keys of users too?')
  if (!sure) throw new AuthError('LoginCancelled', 'Nothing was dropped.')
}
