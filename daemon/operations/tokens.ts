/** What the dialects of Google and Azure are made of: an identity's usual token, and others that its tools want. */
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { Want } from '../../shared/want.ts'
import type { Grant } from '../grants/grant.ts'
import type { BoundedWants } from '../grants/wants.ts'
import { factsOf } from '../graph/facts.ts'
import { wanting } from '../graph/wanting.ts'
import type { Session } from '../sessions/session.ts'
import type { House } from './house.ts'
import { lastingSession } from './lasting.ts'

/** Node's library renews what has less than five minutes left; a minute more, and it never meets the same one again. */
export const GOOGLE_LEAST_MS = 6 * 60_000

export interface TokenSource {
  /**
   * The usual token, or what is wanted in its place. One near its end is renewed first, where that takes no longer than
   * `patienceMs`. BadRequest where the identity gives no such token, Pending where it takes longer to get one.
   */
  session(grant: Grant, want: Want | undefined, patienceMs: number): Promise<Session>
  /** What the configuration says of where the identity works. */
  facts(grant: Grant): Promise<CloudFacts>
  /** Whether the grant may want this besides all that it wanted before. */
  mayWant(grant: Grant, want: Want): boolean
}

/** `leastMs` is how long a token has to last that nobody comes back for. */
export function tokenSource(
  parts: Pick<House, 'broker' | 'clock' | 'chains'> & { wants: BoundedWants },
  leastMs: number,
): TokenSource {
  const { chains, wants } = parts
  return {
    session: async (grant, want, patienceMs) =>
      lastingSession(parts, wanting(await chains.of(grant), want), patienceMs, { leastMs, aheadMs: leastMs }),
    facts: async (grant) => factsOf(await chains.of(grant)),
    mayWant: (grant, want) => wants.allows(grant, keyOf(want)),
  }
}

function keyOf(want: Want): string {
  return JSON.stringify('scopes' in want ? [...want.scopes].sort() : want.audience)
}
