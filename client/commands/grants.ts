import { readFileSync } from 'node:fs'
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { type Command, chosenFormat, formatOption } from '../command.ts'
import { type Daemon, daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import type { Given } from '../option.ts'
import { grantTable, type HeldGrant } from '../render/grants.ts'
import { painter } from '../style.ts'

const formats = ['text', 'json'] as const
const SEE_THEM = 'See them with `atmosctl grants`.'

const verbs: Record<string, (here: Here, given: Given, words: readonly string[]) => Promise<void>> = {
  list,
  revoke,
}

export const grants: Command = {
  summary: 'Show which programs may ask for credentials, and end that',
  usage: '[list | revoke ID | revoke --all] [-i NAME] [--format text|json]',
  options: {
    identity: {
      type: 'string',
      short: 'i',
      value: 'NAME',
      values: 'identity',
      help: 'those of this identity',
    },
    all: { type: 'boolean', help: 'revoke: every one, or with -i every one of the identity' },
    ...formatOption(formats),
  },
  examples: ['', 'revoke hWp3', 'revoke --all -i prod-admin'],
  words: Object.keys(verbs),
  async run(here, given) {
    const [verb = 'list', ...words] = given.words
    const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (!run) throw new AuthError('Usage', `grants needs one of ${Object.keys(verbs).join(', ')}.`)
    await run(here, given, words)
    return 0
  },
}

async function list(here: Here, given: Given, words: readonly string[]): Promise<void> {
  if (words.length > 0 || given.flag('all')) throw new AuthError('Usage', 'grants list takes only -i.')
  const format = chosenFormat(given, formats)
  const { now, held } = await heldOf(daemonOf(here, { start: false }), given)
  const named = held.map(withProgram)
  const widest = here.terminal.out ? here.terminal.columns : undefined
  here.out(format === 'json' ? `${JSON.stringify(named, null, 2)}\n` : grantTable(named, now, widest))
}

async function revoke(here: Here, given: Given, words: readonly string[]): Promise<void> {
  const [id, ...more] = words
  if (more.length > 0 || given.flag('all') === (id !== undefined))
    throw new AuthError('Usage', 'grants revoke needs one ID, or --all.', { hint: SEE_THEM })
  const daemon = daemonOf(here, { start: false })
  const { held } = await heldOf(daemon, given)
  const chosen = id === undefined ? held : [named(held, id)]
  for (const one of chosen) await daemon.revoke({ id: one.id })
  const count = chosen.length === 1 ? '1 grant is' : `${chosen.length} grants are`
  here.err(`${painter(here.color)('green', '✓')} ${count} revoked.\n`)
}

function named(held: readonly HeldGrant[], id: string): HeldGrant {
  const [only, ...others] = held.filter((one) => id !== '' && one.id.startsWith(id))
  if (only && others.length === 0) return only
  throw new AuthError('NotFound', only ? `Several begin with "${id}".` : `There is no grant "${id}".`, {
    hint: SEE_THEM,
  })
}

async function heldOf(daemon: Daemon, given: Given): Promise<{ now: number; held: HeldGrant[] }> {
  const { now, grants } = await daemon.status()
  const identity = given.text('identity')
  return { now, held: grants.filter((one) => identity === undefined || one.identity === identity) }
}

/** Linux says it in /proc (proc(5), /proc/pid/comm); elsewhere the process number has to do. */
function withProgram(grant: HeldGrant): HeldGrant {
  if (grant.holder === undefined) return grant
  try {
    return { ...grant, program: printable(readFileSync(`/proc/${grant.holder}/comm`, 'utf8'), 16) }
  } catch {
    return grant
  }
}
