import { closeSync, openSync, readlinkSync } from 'node:fs'

/**
 * Opens the terminal anew as standard input. Where a prompt has read from it, Node has left descriptor 0 non-blocking,
 * and a program that inherited it would find nothing to read instead of waiting.
 */
export function reopenInput(): void {
  try {
    const path = terminalPath()
    closeSync(openSync(path, 'r+'))
    closeSync(0)
    openSync(path, 'r+') // the lowest free descriptor, which is 0 again
  } catch {
    // It cannot be opened, so what is there has to do.
  }
}

/** By its own name where that is known, which programs such as `tty` may ask for. */
function terminalPath(): string {
  try {
    return readlinkSync('/proc/self/fd/0')
  } catch {
    return '/dev/tty'
  }
}
