const UNIT_SECONDS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const
const DURATION = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/

/**
 * A duration in seconds: `3600`, `3600s`, `1h30m`, `2d`.
 * Returns undefined for anything else, so that the caller can say where it stood.
 */
export function parseDuration(text: string | number): number | undefined {
  const trimmed = String(text).trim()
  if (/^\d+$/.test(trimmed)) return Number(trimmed)
  const match = DURATION.exec(trimmed)
  if (!match || trimmed === '') return undefined
  const [, days, hours, minutes, seconds] = match
  return (
    Number(days ?? 0) * UNIT_SECONDS.d +
    Number(hours ?? 0) * UNIT_SECONDS.h +
    Number(minutes ?? 0) * UNIT_SECONDS.m +
    Number(seconds ?? 0)
  )
}

/** Milliseconds in the two largest units that matter to a person: `1h 5m`, `45s`, `2d 3h`; never negative. */
export function formatDuration(ms: number): string {
  let seconds = Math.max(0, Math.round(ms / 1000))
  const parts: string[] = []
  for (const [unit, size] of Object.entries(UNIT_SECONDS)) {
    const count = Math.floor(seconds / size)
    seconds -= count * size
    if (count > 0) parts.push(`${count}${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ') || '0s'
}

/** Epoch milliseconds as RFC 3339 in UTC with whole seconds and `Z`: the one form that every AWS SDK reads. */
export function formatInstant(epochMs: number): string {
  return `${new Date(Math.floor(epochMs / 1000) * 1000).toISOString().slice(0, 19)}Z`
}
