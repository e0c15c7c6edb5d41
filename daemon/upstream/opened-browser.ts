/** Starting a browser of the machine on a profile, one at a time for each. */
import { statSync } from 'node:fs'
import type { BrowserContext } from 'playwright-core'
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { firefoxPreferences, prepareProfile } from './browser-profile.ts'
import type { Browser } from './browsers.ts'

interface Opening {
  browser: Browser
  profile: string
  headless: boolean
}

/** A person signs in by hand, in what looks like their browser and is to be treated as one. */
const UNWANTED = ['--enable-automation']
const WANTED = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-blink-features=AutomationControlled',
  // Pages with assertions in them are not to be kept.
  '--disk-cache-size=1',
]
const START_MS = 30_000

/** LoginRefused where it cannot be shown: no display, another window on the same profile, or a start that fails. */
export async function openBrowser({ browser, profile, headless }: Opening): Promise<BrowserContext> {
  const { chromium, firefox } = await import('playwright-core')
  const common = {
    headless,
    timeout: START_MS,
    viewport: null,
    serviceWorkers: 'block', // what they send could not be caught
    acceptDownloads: false,
    // The daemon's own signals end it; they are no business of the browser's.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    executablePath: browser.path,
  } as const
  try {
    if (browser.engine === 'firefox')
      return await firefox.launchPersistentContext(profile, {
        ...common,
        channel: 'moz-firefox',
        firefoxUserPrefs: firefoxPreferences,
      })
    prepareProfile(profile)
    return await chromium.launchPersistentContext(profile, {
      ...common,
      // Chromium does not start in its sandbox for root, whose the profile then is.
      chromiumSandbox: statSync(profile).uid !== 0,
      ignoreDefaultArgs: UNWANTED,
      args: WANTED,
    })
  } catch (error) {
    throw notOpened(browser.path, (error as Error).message)
  }
}

/** Its own words are pages long; a few of them say what it is. */
const CAUSES: readonly [RegExp, message: string, hint: string][] = [
  [
    /XServer|X server|\$DISPLAY|cannot open display|no display|Missing X|ozone_platform/i,
    'There is no display for a browser window.',
    'Run `atmosctl daemon restart` on a desktop, or use another driver.',
  ],
  [
    /ProcessSingleton|SingletonLock|already in use|existing browser session/i,
    'Another browser has the profile of this sign-in open.',
    'Close that window, then sign in again.',
  ],
  [
    /No usable sandbox|sandbox/i,
    'The browser finds no sandbox to run in.',
    'Allow user namespaces to it, or use another browser: browser_executable_path.',
  ],
]

export function notOpened(path: string, said: string): AuthError {
  const known = CAUSES.find(([pattern]) => pattern.test(said))
  const first = printable(said.split('\n', 1)[0] ?? '', 160)
  const message = known?.[1] ?? `The browser ${path} does not start: ${first}.`
  return new AuthError('LoginRefused', message, {
    hint: known?.[2] ?? 'Start it by hand once, or name another one in browser_executable_path.',
  })
}
