/** Secrets that a grant's tools were handed and that are known again for a while. Only their digests are kept, in memory. */
import { hash } from 'node:crypto'
import type { Times } from '../sessions/session.ts'
import type { Grant } from './grant.ts'

export interface Passes {
  /** Remembers a secret for `lifeMs`; of very many the oldest are forgotten. */
  note(grant: Grant, secret: string, lifeMs: number): void
  knows(id: string, secret: string): Grant | undefined
  /** The same, once: afterwards it is not known any more. */
  take(id: string, secret: string): Grant | undefined
}

/** Of one grant at a time. Each is used within a second or two, as a rule. */
const MOST = 64

interface Pass {
  grant: Grant
  end: number
}

export function openPasses(clock: Times): Passes {
  const passes = new Map<string, Pass>()

  function knows(id: string, secret: string): Grant | undefined {
    const pass = passes.get(digestOf(id, secret))
    return pass && pass.end > clock.monotonic() ? pass.grant : undefined
  }

  return {
    note(grant, secret, lifeMs) {
      const now = clock.monotonic()
      for (const [digest, { end }] of passes) if (end <= now) passes.delete(digest)
      const own = [...passes].filter((entry) => entry[1].grant.id === grant.id)
      for (const [digest] of own.slice(0, Math.max(0, own.length + 1 - MOST))) passes.delete(digest)
      passes.set(digestOf(grant.id, secret), { grant, end: now + lifeMs })
    },
    knows,
    take(id, secret) {
      const grant = knows(id, secret)
      passes.delete(digestOf(id, secret))
      return grant
    },
  }
}

/** Looked up by what nobody can choose, so that the time it takes tells nothing of the secret. */
function digestOf(id: string, secret: string): string {
  return hash('sha256', JSON.stringify([id, secret]))
}
