/** The calendar job that takes away grants nobody can use any more. */
import { schedule, setLogger } from 'node-cron'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Grant } from './grant.ts'

/** A process may leave children behind that still use its environment; they are given an hour of silence. */
const SILENCE_MS = 3_600_000
/** A port that asks for no secret is closed sooner. */
const SILENCE_OF_PORT_MS = 300_000
const EVERY_FIVE_MINUTES = '*/5 * * * *'

export interface Sweeping {
  stop(): Promise<void>
}

export function sweepGrants(parts: {
  clock: Clock
  log: Log
  isAlive(pid: number): boolean
  revoke(which: (grant: Grant) => boolean): Promise<number>
}): Sweeping {
  const { clock, log, isAlive, revoke } = parts
  setLogger({
    info: (message) => log.debug(message),
    warn: (message) => log.warn(message),
    error: (message) => log.error(String(message)),
    debug: () => {},
  })
  const sweep = async () => {
    const count = await revoke((grant) => isDead(grant, clock.now(), isAlive))
    if (count > 0) log.info({ count }, 'grants swept')
  }
  const task = schedule(EVERY_FIVE_MINUTES, sweep, { noOverlap: true, name: 'sweep grants' })
  return { stop: async () => void (await task.destroy()) }
}

export function isDead(grant: Grant, now: number, isAlive: (pid: number) => boolean): boolean {
  if (grant.expiresAt <= now) return true
  const silence = grant.port === undefined ? SILENCE_MS : SILENCE_OF_PORT_MS
  return grant.holder !== undefined && now - grant.lastUsedAt > silence && !isAlive(grant.holder)
}
