import { type DestinationStream, destination, type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/**
 * One JSON line an event. Synchronous, so that the last line before a crash is there; no transport, since those
 * are threads. Paths are redacted as a second wall: the first is that secrets are `Secret`s and print as such.
 */
export function openLog(options: { level: string; to?: DestinationStream }): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['*.authorization', '*.password', '*.token', '*.answer', '*.environment'],
        remove: true,
      },
    },
    options.to ?? destination({ dest: 1, sync: true }),
  )
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
