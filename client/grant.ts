import type { AuthError } from '../shared/errors.ts'
import type { GrantReply } from '../shared/replies.ts'
import type { Daemon } from './daemon.ts'
import { type Here, isInteractive } from './here.ts'
import { withIdentity } from './identity.ts'
import { signIn } from './signin.ts'

/** A grant for the chosen identity; where a sign-in is missing and a person is there, that comes first. */
export function obtainGrant(
  here: Here,
  daemon: Daemon,
  chosen: { identity?: string },
  holder?: number,
): Promise<GrantReply> {
  const held = holder === undefined ? {} : { holder }
  return withIdentity(here, chosen, async (now) => {
    try {
      return await daemon.grant({ ...now, ...held })
    } catch (error) {
      if ((error as AuthError).code !== 'LoginRequired' || !isInteractive(here)) throw error
      await signIn(here, daemon, now, { browser: true })
      return daemon.grant({ ...now, ...held })
    }
  })
}
