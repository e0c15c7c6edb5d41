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
    if (!env.BROWSER) await (await import('open')).default(address)
    else {
      const { spawn } = await import('node:child_process')
      const browser = spawn(env.BROWSER, [address], { stdio: 'ignore', detached: true })
      browser.on('error', () => {}).unref()
    }
    return true
  } catch {
    return false
  }
}
