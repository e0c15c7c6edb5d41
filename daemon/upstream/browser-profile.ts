/** What a profile of ours is told about what it may keep, and that it goes nowhere by itself. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** As the settings of the Chromium family would say it. The profile knows who is signed in, and nothing else of the person. */
const PREFERENCES = {
  credentials_enable_service: false,
  profile: { password_manager_enabled: false },
  autofill: { profile_enabled: false, credit_card_enabled: false },
  // It would connect to where a form leads before the form is sent, and the last one leads to AWS.
  net: { network_prediction_options: 2 },
}

/** The same for Firefox, which is told at each start. */
export const firefoxPreferences = {
  'signon.rememberSignons': false,
  'browser.formfill.enable': false,
  'browser.cache.disk.enable': false,
  'network.http.speculative-parallel-limit': 0,
}

/** Writes them into a directory that has none yet. */
export function prepareProfile(directory: string): void {
  const folder = join(directory, 'Default')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(join(folder, 'Preferences'), JSON.stringify(PREFERENCES), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
