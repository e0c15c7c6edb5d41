import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until it is so, for five seconds at most. */
export async function eventually(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let asked = 0; asked < 100; asked++) {
    if (await isSo()) return true
    await sleep(50)
  }
  return false
}
