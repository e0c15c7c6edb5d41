/** The real browser that tests sign in with. CI has one, and must. */
import { browserFor } from '../../daemon/upstream/browsers.ts'

/** The Chromium family's, since its processes can be told from their profiles. */
export const chromium = (() => {
  for (const browser_type of ['chromium', 'chrome', 'msedge']) {
    try {
      return browserFor({ browser_type })
    } catch {
      // the next one
    }
  }
  return undefined
})()
