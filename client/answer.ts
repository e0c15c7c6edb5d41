/** What the daemon's answers say: a value, or a failure to throw. */

import { AuthError, type FailureBody, fromFailureBody } from '../shared/errors.ts'
import type { LoginEvent } from '../shared/replies.ts'
import type { Answer } from './socket.ts'

export function json<T>({ status, body }: Answer): T {
  const parsed = JSON.parse(body) as T
  if (status === 200) return parsed
  throw fromFailureBody(parsed as FailureBody)
}

/** The event with which a sign-in ended well. */
export function lastEvent({ status, body }: Answer): LoginEvent {
  if (status !== 200) return json({ status, body })
  const event = JSON.parse(body.trimEnd().split('\n').at(-1) ?? '') as LoginEvent
  if (event.type === 'failed') throw fromFailureBody(event.failure)
  if (event.type === 'done') return event
  throw new AuthError('DaemonUnreachable', 'The daemon stopped in the middle of the sign-in.', {
    hint: 'Try again; `atmosctl daemon logs` shows what happened.',
  })
}
