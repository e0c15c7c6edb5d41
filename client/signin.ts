/** A sign-in as a person sees it: the address, the code, and what happens meanwhile. */
import { formatDuration } from '../shared/duration.ts'
import { AuthError, asAuthError } from '../shared/errors.ts'
import type { LoginEvent } from '../shared/replies.ts'
import type { LoginRequest } from '../shared/requests.ts'
import { hasBrowser, openBrowser } from './browser.ts'
import type { Daemon } from './daemon.ts'
import { ask } from './form.ts'
import { type Here, isInteractive } from './here.ts'
import { canSpin, spin } from './spinner.ts'
import { painter } from './style.ts'

export type SignedIn = Extract<LoginEvent, { type: 'done' }>['session']

/** Signs in, showing what the human has to do. Ctrl-C cancels the sign-in in the daemon too. */
export async function signIn(
  here: Here,
  daemon: Daemon,
  request: Omit<LoginRequest, 'workspace' | 'hasBrowser'>,
  options: { browser: boolean },
): Promise<SignedIn> {
  const opens = options.browser && isInteractive(here) && hasBrowser(here)
  const leave = new AbortController()
  const release = here.onInterrupt(() => leave.abort())
  let waiting: { stop(): void } | undefined
  let unanswered: AuthError | undefined
  const show = (event: LoginEvent) => {
    waiting?.stop()
    if (event.type !== 'question') waiting = present(here, event, opens)
    else
      answerQuestion(here, daemon, event).catch((error) => {
        unanswered = asAuthError(error)
        leave.abort()
      })
  }
  try {
    const last = await daemon.login({ ...request, hasBrowser: opens }, show, leave.signal)
    if (last.type === 'done') return last.session
    throw new AuthError('Internal', 'The sign-in ended without a result.')
  } catch (error) {
    throw unanswered ?? error
  } finally {
    waiting?.stop()
    release()
  }
}

function present(here: Here, event: LoginEvent, opens: boolean) {
  const paint = painter(here.color)
  switch (event.type) {
    case 'device-code':
      here.err(
        `\n  Open   ${paint('cyan', event.verificationUri)}\n  Code   ${paint('bold', event.userCode)}\n\n`,
      )
      return awaitBrowser(here, event, opens)
    case 'browser':
      here.err(`\n  Open   ${paint('cyan', event.address)}\n\n`)
      return awaitBrowser(here, event, opens)
    case 'wait':
      return spin(here, () => `${event.what} (${formatDuration(event.expiresAt - here.now())} left) …`)
    case 'step':
      here.err(`Signing in to ${paint('bold', event.name)} ${paint('dim', `(${event.kind})`)}\n`)
      return undefined
    case 'progress':
      if (event.done > 0 && !canSpin(here)) return undefined
      return spin(here, () => `Listing ${event.what}: ${event.done} of ${event.total} …`)
    case 'warning':
      here.err(`${paint('yellow', '!')} ${event.message}\n${event.hint ? `  ${event.hint}\n` : ''}`)
      return undefined
    default:
      return undefined
  }
}

function awaitBrowser(
  here: Here,
  { address, expiresAt }: { address: string; expiresAt: number },
  opens: boolean,
) {
  if (opens) void openBrowser(here, address)
  const where = opens ? 'in the browser that opens' : 'at that address'
  const left = () => formatDuration(expiresAt - here.now())
  return spin(here, () => `Waiting for you to confirm ${where} (${left()} left) …`)
}

/** Throws where nobody answers. An answer that comes too late is nobody's fault: the sign-in itself says so. */
async function answerQuestion(
  here: Here,
  daemon: Daemon,
  { question, label, secret }: Extract<LoginEvent, { type: 'question' }>,
): Promise<void> {
  const answer = isInteractive(here) ? await ask(here, { label, secret }) : await piped(here, label)
  await daemon.answer({ question, answer }).catch(() => {})
}

/** The first line of standard input, where that is no terminal at which a person could be waited for. */
async function piped(here: Here, label: string): Promise<string> {
  const line = here.terminal.in ? '' : await firstLine(here, label)
  if (line !== '') return line
  throw new AuthError('LoginRequired', `The sign-in asks for this, and nobody may be asked: ${label}.`, {
    hint: 'Sign in on a terminal, or give the answer on standard input.',
  })
}

async function firstLine(here: Here, label: string): Promise<string> {
  here.err(`${label}: (read from standard input)\n`)
  const { readFileSync } = await import('node:fs')
  return (readFileSync(0, 'utf8').split('\n', 1)[0] ?? '').trim()
}
