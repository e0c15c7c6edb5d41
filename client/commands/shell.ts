import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { asChild, complain, type Forwarding } from '../child.ts'
import { type Command, identityOption } from '../command.ts'
import { type Daemon, daemonOf } from '../daemon.ts'
import { applied, type Environment } from '../environment/change.ts'
import { environmentOf } from '../environment/environment.ts'
import { writeFiles } from '../environment/files.ts'
import { obtainGrant } from '../grant.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'
import type { Given } from '../option.ts'
import { type Program, programOf } from '../program.ts'
import { painter } from '../style.ts'

export const shell: Command = {
  summary: 'Open a shell with credentials that stay fresh',
  usage: '[-i NAME] [--shell PATH] [-- ARGUMENT …]',
  options: {
    ...identityOption,
    shell: { type: 'string', value: 'PATH', values: 'file', help: 'instead of $ATMOS_SHELL and $SHELL' },
  },
  examples: ['', '-i prod-admin', '--shell /bin/zsh', "-- -c 'aws s3 ls'"],
  passesOn: 'after --',
  async run(here, given) {
    const program = programFor(here, given)
    if ('failed' in program) return complain(here, program.name, program.why, program.failed)
    const daemon = daemonOf(here)
    const chosen = await chosenIdentity(here, daemon, given.text('identity'))
    if (chosen === SWITCHED_OFF) return switchedOff(here, program)
    const grant = await obtainGrant(here, daemon, chosen, here.pid)
    try {
      return await inside(here, program, grant)
    } finally {
      await leave(here, daemon, grant)
    }
  },
}

/**
 * The terminal sends its signals to the shell as well. An interactive shell takes no notice of SIGTERM, and a stopped
 * one of nothing, so that whoever ends this process ends the shell with what a closed terminal would send.
 */
const FORWARDING: Forwarding = {
  SIGINT: [],
  SIGQUIT: [],
  SIGHUP: ['SIGHUP', 'SIGCONT'],
  SIGTERM: ['SIGTERM', 'SIGHUP', 'SIGCONT'],
}

function programFor(here: Here, given: Given) {
  const [word] = given.words
  if (given.words.length > given.passed.length)
    throw new AuthError('Usage', `shell does not know what to do with "${word}".`, {
      hint: `An identity: \`atmosctl shell -i ${word}\`. An argument of the shell: after \`--\`.`,
    })
  const { env, daemon } = here
  const name = given.text('shell') ?? (env.ATMOS_SHELL || env.SHELL || 'sh')
  const args = given.passed.length > 0 ? given.passed : ['-l']
  return { name, ...programOf([name, ...args], env.PATH ?? '', daemon[0]) }
}

function switchedOff(here: Here, program: Program): Promise<number> {
  here.err('atmosd is switched off for this shell; its environment is as it was.\n')
  return asChild(here, program, applied(here.env, { set: {}, unset: [] }), FORWARDING)
}

function inside(here: Here, program: Program, grant: GrantReply): Promise<number> {
  const { identity } = grant
  const paint = painter(here.color)
  const around = here.env.ATMOSD_SHELL
  if (around) here.err(`Already in a shell of ${paint('bold', around)}; this one opens inside it.\n`)
  here.err(`→ Entering a shell of ${paint('bold', identity)}; \`exit\` leaves it.\n`)
  const change = environmentOf(grant, here.env)
  writeFiles(change)
  return asChild(here, program, applied(here.env, marked(here, change, identity)), FORWARDING)
}

/** The environment with what tells that, and how deep, one is in such a shell. */
function marked({ env }: Here, { set, unset }: Environment, identity: string): Environment {
  const level = Number.parseInt(env.ATMOS_SHLVL ?? '', 10) || 0
  const marks = { ATMOS_IDENTITY: identity, ATMOS_SHLVL: String(level + 1), ATMOSD_SHELL: identity }
  return { set: { ...set, ...marks }, unset }
}

/** What still has the shell's environment, a background job say, has no credentials any more. */
async function leave(here: Here, daemon: Daemon, { id, identity }: GrantReply): Promise<void> {
  try {
    await daemon.revoke({ id })
    here.err(`← Left the shell of ${painter(here.color)('bold', identity)}.\n`)
  } catch (error) {
    const { message } = asAuthError(error)
    here.err(`← Left the shell of ${identity}. Its grant could not be revoked:\n  ${message}\n`)
  }
}
