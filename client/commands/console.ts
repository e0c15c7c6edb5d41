/** The web console. No secret is in the browser's arguments: it opens a page of the daemon that sends it on, once. */
import type { ConsoleReply } from '../../shared/console-reply.ts'
import { parseDuration } from '../../shared/duration.ts'
import { AuthError } from '../../shared/errors.ts'
import { isSwitchedOff } from '../../shared/identity.ts'
import { hasBrowser, openBrowser } from '../browser.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { obtainConsole } from '../grant.ts'
import { type Here, isInteractive } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF, saySwitchedOff } from '../identity.ts'
import type { Given } from '../option.ts'
import { consoleFacts, consoleInvitation, OWN_SIGN_IN } from '../render/console.ts'
import { painter } from '../style.ts'

const LEAST_SECONDS = 900
const MOST_SECONDS = 43_200

export const console: Command = {
  summary: 'Open the web console; that of AWS signed in',
  usage: '[-i NAME] [--destination URL|NAME] [--duration TIME] [--print-only]',
  options: {
    ...identityOption,
    destination: { type: 'string', value: 'URL|NAME', help: 'where it opens: s3, ec2, an address of it …' },
    duration: { type: 'string', value: 'TIME', help: 'how long it stays signed in, 15m to 12h' },
    issuer: { type: 'string', value: 'NAME', help: 'where AWS says that the sign-in came from' },
    'print-only': { type: 'boolean', help: 'print the sign-in address, a secret, and nothing else' },
    'no-open': { type: 'boolean', help: 'open no browser, only say how' },
    isolated: {
      type: 'string',
      bare: 'true',
      value: '[=false]',
      values: ['true', 'false'],
      help: 'in a Chrome or Chromium profile of its own',
    },
  },
  examples: ['', '-i prod-admin --destination s3', '--isolated', '--print-only | pbcopy'],
  async run(here, given) {
    const request = requestOf(given)
    const daemon = daemonOf(here)
    const chosen = await chosenIdentity(here, daemon, given.text('identity'))
    if (chosen === SWITCHED_OFF) return saySwitchedOff(here)
    const reply = await obtainConsole(here, daemon, chosen, request)
    if (reply.unheard !== undefined) here.err(`atmosctl: ${reply.unheard}\n`)
    if (request.bare) here.out(`${reply.address}\n`)
    else await lead(here, given, reply)
    return 0
  },
}

function requestOf(given: Given) {
  const [word] = given.words
  if (word !== undefined)
    throw new AuthError('Usage', `console does not take "${word}".`, {
      hint: `Where it opens: --destination ${word}. Whose it is: -i ${word}.`,
    })
  const [destination, issuer] = [given.text('destination'), given.text('issuer')]
  const durationSeconds = secondsOf(given.text('duration'))
  return {
    bare: given.flag('print-only'),
    ...(destination === undefined ? {} : { destination }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  }
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = parseDuration(text)
  if (seconds !== undefined && seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds
  throw new AuthError('Usage', `--duration cannot be "${text}".`, {
    hint: 'Give a time from 15m to 12h, such as 1h30m.',
  })
}

/** Opens the browser, or says what to open. */
async function lead(here: Here, given: Given, reply: ConsoleReply): Promise<void> {
  const paint = painter(here.color)
  const opens = !given.flag('no-open') && isInteractive(here) && hasBrowser(here)
  here.err(consoleFacts(reply, { now: here.now(), opens }, paint))
  const opened = opens && (await open(here, given, reply))
  if (!opened) return here.err(consoleInvitation(reply, paint))
  here.err(`\n${paint('green', '✓')} Opened in the browser\n`)
  if (reply.expiresAt === undefined) here.err(OWN_SIGN_IN)
}

async function open(here: Here, given: Given, reply: ConsoleReply): Promise<boolean> {
  const told = given.text('isolated')
  if (told === undefined ? reply.isolated : !isSwitchedOff(told)) {
    const { openIsolated } = await import('../chromium.ts')
    if (await openIsolated(here, reply.address, reply)) return true
    here.err(
      'atmosctl: There is no Chrome or Chromium for a profile of its own;\n  the usual browser opens.\n',
    )
  }
  return openBrowser(here, reply.address)
}
