/** Takes a lock and keeps it until it is killed. */
import { acquireLock } from '../../daemon/system/lock.ts'

const lock = acquireLock(process.argv[2] ?? '')
process.send?.(lock ? 'held' : 'refused')
setInterval(() => lock, 1_000)
