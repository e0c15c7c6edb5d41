/** A browser of the Chromium family with a profile of its own for each identity, so that consoles stay apart. */
import { join } from 'node:path'
import { pathsFor } from '../shared/paths.ts'
import { startDetached } from './detached.ts'
import type { Here } from './here.ts'
import { find } from './program.ts'

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome']
const APPLICATIONS = ['Google Chrome', 'Chromium']

/** Opens an address in the identity's own profile. False where there is no such browser, or it does not start. */
export async function openIsolated(
  here: Here,
  address: string,
  owner: { realm: string; identity: string },
): Promise<boolean> {
  const browser = chromium(here)
  if (browser === undefined) return false
  const profile = await profileOf(here, owner)
  const options = [`--user-data-dir=${profile}`, '--no-first-run', '--no-default-browser-check']
  return startDetached(browser, [...options, address], here.env)
}

function chromium({ env, home, platform }: Here): string | undefined {
  const path = env.PATH ?? ''
  const inApplications = (folder: string) =>
    APPLICATIONS.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name))
  const files =
    platform === 'darwin' ? ['/Applications', join(home, 'Applications')].flatMap(inApplications) : []
  return [...NAMES, ...files].map((name) => find(name, path)).find((found) => typeof found === 'string')
}

/** Cookies of the console are in there: the directory is the user's alone. */
async function profileOf(
  here: Here,
  { realm, identity }: { realm: string; identity: string },
): Promise<string> {
  const { createHash } = await import('node:crypto')
  const { mkdirSync } = await import('node:fs')
  const name = createHash('sha256').update(`${realm}/${identity}`).digest('hex').slice(0, 16)
  const profile = join(pathsFor(here).state, 'console', name)
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  return profile
}
