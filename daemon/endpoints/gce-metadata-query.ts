/** What stands behind the question mark of a question for metadata. Pure. */
import type { Form } from './gce-metadata-answer.ts'

export interface Query extends Form {
  /** Wait until the value is another than that with this ETag, or than now. */
  wait?: { lastEtag: string | undefined; timeoutMs: number }
  parameters: URLSearchParams
}

/** A tool that wants to wait longer asks again. */
const LONGEST_WAIT_MS = 60_000

/** Undefined where a parameter is none of the service's. */
export function queryOf(url: string): Query | undefined {
  const mark = url.indexOf('?')
  const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  const { alt = null, ...flags } = {
    alt: parameters.get('alt'),
    recursive: flagOf(parameters.get('recursive')),
    wait: flagOf(parameters.get('wait_for_change')),
  }
  const timeoutMs = timeoutOf(parameters.get('timeout_sec'))
  if (alt !== null && alt !== 'json' && alt !== 'text') return undefined
  if (flags.recursive === undefined || flags.wait === undefined || timeoutMs === undefined) return undefined
  const lastEtag = parameters.get('last_etag') ?? undefined
  return {
    parameters,
    alt: alt ?? undefined,
    recursive: flags.recursive,
    ...(flags.wait ? { wait: { lastEtag, timeoutMs } } : {}),
  }
}

function flagOf(text: string | null): boolean | undefined {
  if (text === null || /^false$/i.test(text)) return false
  return /^true$/i.test(text) ? true : undefined
}

/** Without a number, or with 0, a tool waits for as long as it takes. */
function timeoutOf(text: string | null): number | undefined {
  if (text === null || text === '0') return LONGEST_WAIT_MS
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text) * 1000, LONGEST_WAIT_MS) : undefined
}
