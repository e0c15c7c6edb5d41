/** What a configuration asks its client for: values of variables, and what commands print. */
import type { Here } from './here.ts'

/** The value of a name that the daemon asked for; null where there is none. `$(…)` is a command that was allowed. */
export async function answerTo(here: Here, name: string): Promise<string | null> {
  const command = /^\$\((.*)\)$/s.exec(name)?.[1]
  return command === undefined ? (here.env[name] ?? null) : printedBy(here, command)
}

/** Standard output without the newlines at its end, as a shell would take it; what goes wrong is shown. */
async function printedBy({ env, cwd }: Here, command: string): Promise<string | null> {
  const { spawnSync } = await import('node:child_process')
  const { status, stdout } = spawnSync('/bin/sh', ['-c', command], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return status === 0 ? stdout.replace(/[\r\n]+$/, '') : null
}
