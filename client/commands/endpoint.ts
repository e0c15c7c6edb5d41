import type { Dialect } from '../../shared/dialects.ts'
import { AuthError } from '../../shared/errors.ts'
import type { StatusReply } from '../../shared/status-reply.ts'
import { type Command, chosenFormat, formatOption, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { obtainEndpoint } from '../grant.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'
import type { Given } from '../option.ts'
import { endpointLines, endpointTable } from '../render/endpoints.ts'
import { painter } from '../style.ts'

const formats = ['text', 'json'] as const
/** By the words that people use. */
const dialects: Readonly<Record<string, Dialect>> = { imds: 'aws-imds', gce: 'gce-metadata' }
const LIFETIME_SECONDS = 30 * 24 * 3_600

const verbs: Record<string, (here: Here, given: Given, word: string | undefined) => Promise<void>> = {
  add,
  list,
  remove,
}

export const endpoint: Command = {
  summary: 'Open a metadata service for tools that exec does not start',
  usage: 'add imds|gce|list|remove ID [-i NAME] [--port N] [--format FORMAT]',
  options: {
    ...identityOption,
    port: { type: 'string', value: 'N', help: 'add: this port of 127.0.0.1 instead of any' },
    ...formatOption(formats),
  },
  examples: ['add imds -i dev-admin', 'add gce -i my-project --port 9300', 'list', 'remove hWp3'],
  words: [...Object.keys(verbs), ...Object.keys(dialects)],
  async run(here, given) {
    const [verb = '', word, ...more] = given.words
    const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (run && more.length === 0) await run(here, given, word)
    else throw new AuthError('Usage', `endpoint needs one of ${Object.keys(verbs).join(', ')}.`)
    return 0
  },
}

async function add(here: Here, given: Given, word = ''): Promise<void> {
  const dialect = Object.hasOwn(dialects, word) ? dialects[word] : undefined
  if (dialect === undefined) {
    throw new AuthError('Usage', 'endpoint add needs to know what to open.', {
      hint: '`atmosctl endpoint add imds` for tools of AWS, `add gce` for those of Google Cloud.',
    })
  }
  const format = chosenFormat(given, formats)
  const port = portOf(given.text('port'))
  const daemon = daemonOf(here)
  const chosen = await chosenIdentity(here, daemon, given.text('identity'))
  if (chosen === SWITCHED_OFF) throw new AuthError('Usage', 'The identity is switched off.')
  const more = { dialect, lifetimeSeconds: LIFETIME_SECONDS, ...(port === undefined ? {} : { port }) }
  const { id, identity, url, expiresAt } = await obtainEndpoint(here, daemon, chosen, more)
  if (format === 'json') here.out(`${JSON.stringify({ id, identity, url, expiresAt }, null, 2)}\n`)
  else here.out(endpointLines({ id, identity, url, dialect }, painter(here.color)))
}

function portOf(text: string | undefined): number | undefined {
  const port = Number(text)
  if (text === undefined) return undefined
  if (/^\d{4,5}$/.test(text) && port >= 1_024 && port <= 65_535) return port
  throw new AuthError('Usage', `"${text}" is no port from 1024 to 65535.`)
}

async function list(here: Here, given: Given): Promise<void> {
  const format = chosenFormat(given, formats)
  const reply = await daemonOf(here, { start: false }).status()
  const endpoints = endpointsOf(reply)
  const widest = here.terminal.out ? here.terminal.columns : undefined
  if (format === 'json') here.out(`${JSON.stringify(endpoints, null, 2)}\n`)
  else here.out(endpointTable(endpoints, reply.now, painter(here.color), widest))
}

async function remove(here: Here, _: Given, id: string | undefined): Promise<void> {
  const daemon = daemonOf(here, { start: false })
  const found = endpointsOf(await daemon.status()).filter((one) => id && one.id.startsWith(id))
  const [only, ...others] = found
  if (only && others.length === 0) {
    await daemon.revoke({ id: only.id })
    return here.err(`${painter(here.color)('green', '✓')} The endpoint of ${only.identity} is closed.\n`)
  }
  throw new AuthError(
    'NotFound',
    only ? `Several begin with "${id}".` : `There is no endpoint "${id ?? ''}".`,
    {
      hint: 'See them with `atmosctl endpoint list`.',
    },
  )
}

function endpointsOf({ grants }: StatusReply) {
  return grants.filter(({ port }) => port !== undefined)
}
