import { existsSync, readFileSync } from 'node:fs'
import { AuthError } from '../../shared/errors.ts'
import { pathsFor } from '../../shared/paths.ts'
import { type Command, formatOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import { mistyped } from '../mistakes.ts'
import type { Given } from '../option.ts'
import { formats, showStatus } from './status.ts'

const STOP_PATIENCE_MS = 5_000
const LOG_LINES = 50

const verbs: Record<string, (here: Here, given: Given) => Promise<number>> = {
  async start(here) {
    const running = await pidOf(here)
    if (running === undefined) await start(here)
    return told(
      here,
      running === undefined
        ? `Started, process ${await pidOf(here)}.`
        : `Already running, process ${running}.`,
    )
  },
  async stop(here) {
    return told(here, (await stop(here)) ? 'Stopped.' : 'No daemon was running.')
  },
  async restart(here) {
    await stop(here)
    await start(here)
    return told(here, `Restarted, process ${await pidOf(here)}.`)
  },
  status: showStatus,
  async logs(here) {
    const { log } = pathsFor(here)
    if (!existsSync(log)) return told(here, `There is no log yet at ${log}.`)
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
    if (lines.join('') === '') return told(here, `The log at ${log} is empty.`)
    here.out(`${lines.slice(-LOG_LINES).join('\n')}\n`)
    return 0
  },
}

export const daemon: Command = {
  summary: 'Start, stop or look at the daemon',
  usage: `${Object.keys(verbs).join('|')} [--format text|json]`,
  options: {
    format: { ...formatOption(formats).format, help: `of status: ${formats.join(', ')}` },
  },
  words: Object.keys(verbs),
  examples: ['start', 'status --format json', 'logs'],
  run(here, given) {
    const [verb = '', ...more] = given.words
    const run = more.length === 0 && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (run) return run(here, given)
    throw new AuthError('Usage', `daemon needs one of ${Object.keys(verbs).join(', ')}.`, {
      hint: mistyped(verb, Object.keys(verbs), 'atmosctl daemon '),
    })
  },
}

async function pidOf(here: Here): Promise<number | undefined> {
  const reply = await daemonOf(here, { start: false })
    .status()
    .catch(() => undefined)
  return reply?.pid
}

async function start(here: Here): Promise<void> {
  const { startDaemon } = await import('../start.ts')
  await startDaemon(here)
}

/** Asks the daemon to stop and waits until it has. False where none ran. */
async function stop(here: Here): Promise<boolean> {
  if ((await pidOf(here)) === undefined) return false
  await daemonOf(here, { start: false }).stop()
  for (const end = here.now() + STOP_PATIENCE_MS; here.now() < end; await here.sleep(20)) {
    if ((await pidOf(here)) === undefined) return true
  }
  throw new AuthError('DaemonRunning', 'The daemon did not stop in time.', {
    hint: 'See `atmosctl daemon logs`.',
  })
}

function told(here: Here, text: string): number {
  here.err(`${text}\n`)
  return 0
}
