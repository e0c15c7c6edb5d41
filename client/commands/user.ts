import { AuthError } from '../../shared/errors.ts'
import type { KeysReply } from '../../shared/keys-reply.ts'
import { type Command, identityOption } from '../command.ts'
import { type Daemon, daemonOf } from '../daemon.ts'
import { type Here, isInteractive } from '../here.ts'
import { withIdentity } from '../identity.ts'
import { type Keys, parseKeys, typedKeys } from '../keys.ts'
import type { Given } from '../option.ts'
import { painter } from '../style.ts'

type Chosen = { identity?: string }

const verbs: Record<string, (here: Here, given: Given) => Promise<string>> = {
  async configure(here, given) {
    const daemon = daemonOf(here)
    const fromStdin = given.flag('stdin')
    if (!fromStdin && !isInteractive(here)) throw needsTerminal()
    const { identity, held } = await theirs(here, given, (now) => daemon.keys(now))
    if (!fromStdin) here.err(`${held ? 'New keys' : 'Keys'} of the IAM user behind ${identity}:\n`)
    const reply = await entrust(daemon, identity, fromStdin ? await keysOnStdin() : await typedKeys(here))
    return `Keys of ${identity} are in the keyring${lifeOf(reply)}.`
  },
  async forget(here, given) {
    const daemon = daemonOf(here)
    const { identity, held } = await theirs(here, given, (now) => daemon.forgetKeys(now))
    return held ? `Keys of ${identity} are forgotten.` : `There were no keys of ${identity} in the keyring.`
  },
}

export const user: Command = {
  summary: 'Keep the keys of an IAM user in the keyring',
  usage: 'configure|forget [-i NAME] [--stdin]',
  options: {
    ...identityOption,
    stdin: { type: 'boolean', help: 'configure: read the keys as JSON from standard input' },
  },
  examples: ['configure', 'configure -i emergency', 'configure --stdin < keys.json', 'forget -i emergency'],
  words: Object.keys(verbs),
  async run(here, given) {
    const [verb = '', ...more] = given.words
    const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (!run || more.length > 0) {
      throw new AuthError('Usage', `user needs one of ${Object.keys(verbs).join(', ')}.`, {
        hint: 'An identity is named with -i.',
      })
    }
    here.err(`${painter(here.color)('green', '✓')} ${await run(here, given)}\n`)
    return 0
  },
}

/** ATMOS_IDENTITY says whose credentials tools get, and a bare -i asks: neither says whose keys are meant. */
function theirs(here: Here, given: Given, work: (now: Chosen) => Promise<KeysReply>): Promise<KeysReply> {
  const identity = given.text('identity')
  return withIdentity(here, identity ? { identity } : {}, work)
}

function entrust(daemon: Daemon, identity: string, keys: Keys): Promise<KeysReply> {
  return daemon.keys({ identity, keys })
}

async function keysOnStdin(): Promise<Keys> {
  const { readFileSync } = await import('node:fs')
  return parseKeys(readFileSync(0, 'utf8'))
}

function lifeOf({ keyring }: KeysReply): string {
  return keyring === 'memory' ? ', which is in memory: they go with the daemon' : ''
}

function needsTerminal(): AuthError {
  return new AuthError('Usage', 'user configure asks its questions on a terminal.', {
    hint: 'In a script, give the keys as JSON on standard input with --stdin.',
  })
}
