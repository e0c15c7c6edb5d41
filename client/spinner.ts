import type { Here } from './here.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 80

/** Shows on a terminal that something is being waited for; writes the text once where there is none. */
export function spin(here: Here, text: () => string): { stop(): void } {
  if (!here.terminal.err || here.env.CI) {
    here.err(`${text()}\n`)
    return { stop() {} }
  }
  let frame = 0
  const draw = () => {
    here.err(`\r\u001b[2K${FRAMES[frame % FRAMES.length]} ${text()}`)
    frame += 1
  }
  draw()
  const end = here.every(FRAME_MS, draw)
  return {
    stop() {
      end()
      here.err('\r\u001b[2K')
    },
  }
}
