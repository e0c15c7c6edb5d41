/** A sign-in as a person sees it: the address, the code, and what happens meanwhile. */
import type { Writable } from 'node:stream'
import { formatDuration } from '../shared/duration.ts'
import { AuthError } from '../shared/errors.ts'
import type { LoginEvent } from '../shared/replies.ts'
import type { LoginRequest } from '../shared/requests.ts'
import { hasBrowser, openBrowser } from './browser.ts'
import type { Daemon } from './daemon.ts'
import { type Here, isInteractive } from './here.ts'
import { spin } from './spinner.ts'
import { painter } from './style.ts'

export type SignedIn = Extract<LoginEvent, { type: 'done' }>['session']

/** Signs in, showing what the human has to do. Ctrl-C cancels the sign-in in the daemon too. */
export async function signIn(
  here: Here,
  daemon: Daemon,
  request: Omit<LoginRequest, 'workspace'>,
  options: { browser: boolean },
): Promise<SignedIn> {
  const leave = new AbortController()
  const release = here.onInterrupt(() => leave.abort())
  let waiting: { stop(): void } | undefined
  const show = (event: LoginEvent) => {
    waiting?.stop()
    waiting = present(here, daemon, event, options)
  }
  try {
    const last = await daemon.login(request, show, leave.signal)
    if (last.type === 'done') return last.session
    throw new AuthError('Internal', 'The sign-in ended without a result.')
  } finally {
    waiting?.stop()
    release()
  }
}

function present(here: Here, daemon: Daemon, event: LoginEvent, { browser }: { browser: boolean }) {
  const paint = painter(here.color)
  switch (event.type) {
    case 'device-code':
      here.err(
        `\n  Open   ${paint('cyan', event.verificationUri)}\n  Code   ${paint('bold', event.userCode)}\n\n`,
      )
      return awaitBrowser(here, event, browser)
    case 'browser':
      here.err(`\n  Open   ${paint('cyan', event.address)}\n\n`)
      return awaitBrowser(here, event, browser)
    case 'question':
      void answerQuestion(here, daemon, event)
      return undefined
    case 'step':
      here.err(`Signing in to ${paint('bold', event.name)} ${paint('dim', `(${event.kind})`)}\n`)
      return undefined
    default:
      return undefined
  }
}

function awaitBrowser(
  here: Here,
  { address, expiresAt }: { address: string; expiresAt: number },
  browser: boolean,
) {
  const opens = browser && hasBrowser(here)
  if (opens) void openBrowser(here, address)
  const where = opens ? 'in the browser that opens' : 'at that address'
  const left = () => formatDuration(expiresAt - here.now())
  return spin(here, () => `Waiting for you to confirm ${where} (${left()} left) …`)
}

async function answerQuestion(
  here: Here,
  daemon: Daemon,
  { question, label, secret }: Extract<LoginEvent, { type: 'question' }>,
): Promise<void> {
  await daemon.answer({ question, answer: await typed(here, label, secret) }).catch(() => {})
}

/** One line from the terminal, or from standard input where that is a pipe. */
async function typed(here: Here, label: string, secret: boolean): Promise<string> {
  if (!isInteractive(here)) {
    here.err(`${label}: (read from standard input)\n`)
    const { readFileSync } = await import('node:fs')
    return readFileSync(0, 'utf8').split('\n', 1)[0] ?? ''
  }
  const { isCancel, password, text } = await import('@clack/prompts')
  const output = here.promptStream() as Writable
  const answer = await (secret ? password({ message: label, output }) : text({ message: label, output }))
  return isCancel(answer) ? '' : (answer ?? '')
}
