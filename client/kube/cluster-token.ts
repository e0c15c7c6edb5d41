/** The exec plugin of Kubernetes's clients: one line of JSON on standard output, and nothing else there. */
import type { ClusterTokenReply } from '../../shared/cluster-token-reply.ts'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import { type Daemon, daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'
import type { Given } from '../option.ts'
import { execCredential, execInfo } from '../render/exec-credential.ts'
import { saidLately } from '../said-lately.ts'

type Ask = (here: Here, daemon: Daemon, chosen: { identity?: string }) => Promise<ClusterTokenReply>

/** Prints the token that `ask` gets, as kubectl wants it. Resolves to the exit code. */
export async function printClusterToken(
  here: Here,
  given: Given,
  command: string,
  ask: Ask,
): Promise<number> {
  const info = execInfo(here.env.KUBERNETES_EXEC_INFO)
  const there = { ...here, interactive: here.interactive && info.interactive }
  const daemon = daemonOf(there)
  const chosen = await chosenIdentity(there, daemon, given.text('identity'))
  if (chosen === SWITCHED_OFF)
    throw new AuthError('Usage', 'atmosd is switched off for this command, so there is no token.', {
      hint: 'Name an identity with -i, or unset ATMOS_IDENTITY.',
    })
  const reply = await ask(there, daemon, chosen).catch((error) => brief(there, command, error))
  here.out(execCredential(info, reply))
  return 0
}

/** kubectl asks four or five times before it gives up; what to do is said once. */
function brief(here: Here, command: string, error: unknown): never {
  const failure = asAuthError(error)
  const again = here.env.KUBERNETES_EXEC_INFO !== undefined && saidLately(here, command)
  throw again ? new AuthError(failure.code, failure.message, { cause: failure }) : failure
}
