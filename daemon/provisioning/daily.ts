/** The calendar job that follows what happens at the portals between sign-ins. */
import { schedule } from 'node-cron'
import { asAuthError } from '../../shared/errors.ts'
import { type Chain, lastStep } from '../graph/chain.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import type { Provisioning } from './provisioning.ts'

const DAY_MS = 24 * 3_600_000

export interface Daily {
  /** Lists anew what is older than a day, one portal after the other. */
  catchUp(): Promise<void>
  stop(): Promise<void>
}

/**
 * Looks every hour, at a minute that chance decides, for lists older than a day: after a sleep, whatever hour that
 * is, the next look finds them. The sign-in decides when a list was made, so machines do not come together either.
 */
export function provisionDaily(parts: {
  provisioning: Provisioning
  clock: Clock
  random: Random
  log: Log
}): Daily {
  const { provisioning, clock, random, log } = parts
  const { lists } = provisioning

  async function isOverdue(chain: Chain): Promise<boolean> {
    const list = await lists.peek(chain).catch(() => undefined) // locked: the next look may find it open
    return list !== undefined && clock.now() - list.listedAt >= DAY_MS
  }

  async function catchUp(): Promise<void> {
    for (const chain of lists.watched()) {
      if (!(await isOverdue(chain))) continue
      await provisioning.refresh(chain).catch((error) =>
        // Mostly that nobody is signed in: the next sign-in lists anyway.
        log.info(
          { code: asAuthError(error).code, name: lastStep(chain).node.name },
          'assignments not listed',
        ),
      )
    }
  }

  const minute = Math.floor(random.unit() * 60)
  const task = schedule(`${minute} * * * *`, catchUp, { noOverlap: true, name: 'list assignments' })
  return { catchUp, stop: async () => void (await task.destroy()) }
}
