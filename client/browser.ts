import { startDetached } from './detached.ts'
import type { Here } from './here.ts'

/** Whether this machine has a screen on which a browser could open. */
export function hasBrowser({ env, platform }: Here): boolean {
  if (env.BROWSER) return true
  if (env.SSH_CONNECTION) return false
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** Opens an address in $BROWSER, else in the desktop's browser. False where that failed at once. */
export async function openBrowser({ env }: Here, address: string): Promise<boolean> {
  try {
    if (env.BROWSER) return await startDetached(env.BROWSER, [address], env)
    await (await import('open')).default(address)
    return true
  } catch {
    return false
  }
}
