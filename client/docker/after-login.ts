import type { Daemon } from '../daemon.ts'
import type { Here } from '../here.ts'
import type { SignedIn } from '../signin.ts'

/** Applies what is to be applied at every sign-in of an identity. A failure is said and fails nothing. */
export async function applyAfterLogin(here: Here, daemon: Daemon, session: SignedIn): Promise<void> {
  if (!('identity' in session)) return
  const { applyQuietly } = await import('./apply.ts') // Docker's files concern few runs
  await applyQuietly(here, daemon, session.identity)
}
