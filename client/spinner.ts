import { runsInCi } from './ci.ts'
import type { Here } from './here.ts'
import { canRedraw } from './style.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 80

/** Shows on a terminal that something is being waited for; writes the text once where there is none. */
export function spin(here: Here, text: () => string): { stop(): void } {
  if (!canSpin(here)) {
    here.err(`${text()}\n`)
    return { stop() {} }
  }
  let frame = 0
  const draw = () => {
    // A line that wrapped could not be taken back.
    const line = [...`${FRAMES[frame % FRAMES.length]} ${text()}`].slice(0, here.terminal.columns - 1)
    here.err(`\r\u001b[2K${line.join('')}`)
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

/** Whether a line can be drawn anew; where it cannot, each is there to stay. */
export function canSpin(here: Here): boolean {
  return here.terminal.err && canRedraw(here.env) && !runsInCi(here.env)
}
