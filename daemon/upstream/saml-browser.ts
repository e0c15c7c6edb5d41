/**
 * A SAML sign-in in a browser of the machine, with a profile of its own, so that the identity provider knows the person
 * the next time. What it posts to AWS is caught there and never sent.
 */
import type { BrowserContext, Cookie, Page, Route } from 'playwright-core'
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { type Clock, within } from '../system/clock.ts'
import type { Browser } from './browsers.ts'
import { openBrowser } from './opened-browser.ts'
import { isAwsSignIn, responseIn } from './saml-signin.ts'

export interface BrowserSignIn {
  address: URL
  browser: Browser
  /** Directory of the profile. */
  profile: string
  /** What the profile does not remember by itself. */
  cookies: Cookie[]
  headless: boolean
  clock: Clock
  signal: AbortSignal
  prompt: { wait(shown: { what: string; expiresAt: number }): void }
}

export interface Caught {
  /** In base64, as it was to be posted. */
  response: string
  /** Of the identity provider, as long as the browser is open. */
  cookies: Cookie[]
}

const PERSON_MS = 600_000
/** The background gives up well within the minute that a renewal has. */
const SILENT_MS = 25_000
const LOOK_MS = 500

/** The response, once a person has signed in. LoginCancelled, LoginExpired, or LoginRefused with no window. */
export async function browserLogin(at: BrowserSignIn): Promise<Caught> {
  at.prompt.wait({
    what: at.headless ? 'The browser signs in without a window' : 'Sign in in the browser window that opens',
    expiresAt: at.clock.now() + PERSON_MS,
  })
  const caught = await inBrowser(at, PERSON_MS, (context) => closed(context))
  if (caught) return caught
  throw new AuthError('LoginExpired', 'Nobody signed in in the browser within 10 minutes.', {
    hint: 'Sign in again; the window stays open for 10 minutes.',
  })
}

/** The same with nobody there, by what the profile remembers. LoginRequired where a page wants a person. */
export async function silentLogin(at: Omit<BrowserSignIn, 'headless' | 'prompt'>): Promise<Caught> {
  const alone = { ...at, headless: true }
  const caught = await inBrowser(alone, SILENT_MS, (context, until) => asksPerson(context, at.clock, until))
  if (caught) return caught
  throw new AuthError('LoginRequired', `The sign-in at ${at.address.host} wants a person again.`)
}

type Spoiler = (context: BrowserContext, until: AbortSignal) => Promise<never>

/** Undefined where nothing came within the time; `spoiled` ends it before. */
async function inBrowser(
  at: Omit<BrowserSignIn, 'prompt'>,
  ms: number,
  spoiled: Spoiler,
): Promise<Caught | undefined> {
  const context = await openBrowser(at)
  try {
    await context.addCookies(at.cookies)
    return await within(at.clock, ms, async (until) => {
      const { promise: posted, resolve } = Promise.withResolvers<string>()
      await catching(context, resolve)
      const spoilers = [spoiled(context, until), opened(context, at.address), left(at.signal)]
      const response = await Promise.race([posted, ...spoilers])
      const cookies = await context.cookies().catch(() => []) // a person may have closed it by now
      return { response, cookies: cookies.filter(({ expires }) => expires < 0) }
    })
  } finally {
    await context.close().catch(() => {}) // a person may have done so
  }
}

/** What is posted to AWS from now on, in whatever window. Everything else for its sign-in goes nowhere too. */
async function catching(context: BrowserContext, tell: (response: string) => void): Promise<void> {
  await context.route(isAwsSignIn, async (route: Route) => {
    const response = responseIn(route.request().postData() ?? '')
    const answered = route.fulfill({ contentType: 'text/html; charset=utf-8', body: DONE })
    await answered.catch(() => {}) // the window may be gone by now
    if (response !== undefined) tell(response)
  })
}

const DONE =
  '<!doctype html><meta charset="utf-8"><title>Signed in</title><h1>Signed in</h1><p>Go back to the terminal.</p>'

/** Rejects where the address cannot be opened; else a person takes it from there. */
async function opened(context: BrowserContext, { href, host }: URL): Promise<never> {
  const page = context.pages()[0] ?? (await context.newPage())
  try {
    await page.goto(href, { waitUntil: 'commit' })
  } catch (error) {
    const code = /\b(?:net::|NS_)(?!ERR_ABORTED)\w+/.exec((error as Error).message)?.[0]
    if (code) throw unreachable(host, code)
  }
  return never()
}

function unreachable(host: string, code: string): AuthError {
  return new AuthError('UpstreamUnavailable', `The browser cannot open ${host}: ${printable(code, 80)}.`, {
    hint: 'Check the network, and `url` in the configuration.',
  })
}

function closed(context: BrowserContext): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = () =>
      reject(
        new AuthError('LoginCancelled', 'The browser window was closed before the sign-in was done.', {
          hint: 'Sign in again, and leave it open until it closes by itself.',
        }),
      )
    const watch = (page: Page) => page.on('close', () => context.pages().length === 0 && cancel())
    context.on('page', watch).on('close', cancel)
    context.pages().forEach(watch)
  })
}

/** Rejects once a page has shown a field to type into at two looks in a row. */
async function asksPerson(context: BrowserContext, clock: Clock, until: AbortSignal): Promise<never> {
  for (let seen = 0; seen < 2 && !until.aborted; await clock.sleep(LOOK_MS, until)) {
    const fields = context.pages().map((page) =>
      page
        .locator(TYPED)
        .count()
        .catch(() => 0),
    )
    const shown = (await Promise.all(fields)).some((count) => count > 0)
    seen = shown ? seen + 1 : 0
  }
  if (until.aborted) return never()
  throw new AuthError('LoginRequired', 'The identity provider asks a person to sign in again.')
}

/** An input is for text where it does not say otherwise. */
const TYPED = ['[type=text]', '[type=email]', '[type=password]', '[type=tel]', ':not([type])']
  .map((type) => `input${type}:visible`)
  .join()

function left(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = () => reject(new AuthError('LoginCancelled', 'The sign-in was cancelled.'))
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel, { once: true })
  })
}

function never(): Promise<never> {
  return new Promise(() => {})
}
