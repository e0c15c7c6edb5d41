/** The browsers that a machine may have, and where. None is ever downloaded. */
import { existsSync } from 'node:fs'
import { AuthError } from '../../shared/errors.ts'

export interface Browser {
  /** Who speaks to it: Chromium's own protocol, or WebDriver BiDi. */
  engine: 'chromium' | 'firefox'
  path: string
}

interface Known {
  engine: Browser['engine']
  paths: readonly string[]
}

const APPS = '/Applications'

/** By the names that `browser_type` gives them; without one the first that is there is taken. */
const BROWSERS: Readonly<Record<string, Known>> = {
  chrome: {
    engine: 'chromium',
    paths: [
      '/usr/bin/google-chrome-stable',
      '/usr/bin/google-chrome',
      '/opt/google/chrome/chrome',
      `${APPS}/Google Chrome.app/Contents/MacOS/Google Chrome`,
    ],
  },
  chromium: {
    engine: 'chromium',
    paths: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/local/bin/chromium',
      '/snap/bin/chromium',
      '/run/current-system/sw/bin/chromium',
      `${APPS}/Chromium.app/Contents/MacOS/Chromium`,
    ],
  },
  msedge: {
    engine: 'chromium',
    paths: [
      '/usr/bin/microsoft-edge-stable',
      '/usr/bin/microsoft-edge',
      '/opt/microsoft/msedge/msedge',
      `${APPS}/Microsoft Edge.app/Contents/MacOS/Microsoft Edge`,
    ],
  },
  firefox: {
    engine: 'firefox',
    paths: [
      '/usr/bin/firefox',
      '/usr/bin/firefox-esr',
      '/snap/bin/firefox',
      `${APPS}/Firefox.app/Contents/MacOS/firefox`,
    ],
  },
}

export const browserTypes: readonly string[] = Object.keys(BROWSERS)

export interface Wanted {
  browser_type?: string | undefined
  browser_executable_path?: string | undefined
}

/** The browser to use; undefined where the machine has none. ConfigInvalid for one that cannot be had. */
export function browserFor(
  wanted: Wanted,
  isThere: (path: string) => boolean = existsSync,
): Browser | undefined {
  const { browser_type: type, browser_executable_path: path } = wanted
  const known = type === undefined ? undefined : knownAs(type)
  if (path !== undefined) return at(path, known?.engine ?? engineOf(path), isThere)
  const found = firstOf(known ? [known] : Object.values(BROWSERS), isThere)
  if (found || !known) return found
  throw new AuthError(
    'ConfigInvalid',
    `browser_type is ${type}, and this machine has none where it usually is.`,
    {
      hint: 'Install it, name its file in browser_executable_path, or remove browser_type.',
    },
  )
}

/** That of Playwright's names which are no browsers of a machine, such as webkit, are none of ours. */
function knownAs(type: string): Known {
  const known = Object.hasOwn(BROWSERS, type) ? BROWSERS[type] : undefined
  if (known) return known
  throw new AuthError('ConfigInvalid', `atmosd cannot show a sign-in in a browser of type "${type}".`, {
    hint: `It knows ${browserTypes.join(', ')}.`,
  })
}

function at(path: string, engine: Browser['engine'], isThere: (path: string) => boolean): Browser {
  if (isThere(path)) return { engine, path }
  throw new AuthError('ConfigInvalid', `There is no browser at ${path}.`, {
    hint: 'Correct browser_executable_path, or remove it.',
  })
}

function engineOf(path: string): Browser['engine'] {
  return /firefox/i.test(path) ? 'firefox' : 'chromium'
}

function firstOf(browsers: readonly Known[], isThere: (path: string) => boolean): Browser | undefined {
  for (const { engine, paths } of browsers) {
    const path = paths.find(isThere)
    if (path !== undefined) return { engine, path }
  }
  return undefined
}
